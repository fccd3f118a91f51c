/* Texts as `headnod vectorize` takes them: the lyrics of a manifest, or JSON Lines. */
#ifndef HN_CLI_DOCUMENTS_H
#define HN_CLI_DOCUMENTS_H

#include "base/error.h"
#include "nlp/text.h"

/* N documents in the order of the files. Owns all. Start from {0}. */
typedef struct {
  hn_text *texts; /* (N) bytes belong to memory */
  char **memory;  /* (N) */
  size_t n, capacity, memory_capacity;
} hn_documents;

/* Append the lyrics of a manifest's tracks, in its order. Errors: those of the manifest; HN_IO of a
 * lyrics file; HN_INVALID for a track without lyrics, since rows would no longer be tracks. */
hn_status hn_documents_add_manifest(hn_documents *documents, const char *path, hn_error *err);
/* Append the "text" of each line of a JSON Lines file ({"id": …, "text": …}); blank lines are
 * passed over. Errors: HN_IO; HN_FORMAT with file and line. */
hn_status hn_documents_add_json_lines(hn_documents *documents, const char *path, hn_error *err);
void hn_documents_free(hn_documents *documents);

#endif
