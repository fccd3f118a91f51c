/* Texts as `headnod vectorize` takes them: the lyrics of manifests, and JSON Lines. They come in
 * batches, so that memory does not grow with them. */
#ifndef HN_CLI_DOCUMENTS_H
#define HN_CLI_DOCUMENTS_H

#include <stddef.h>

#include "base/error.h"
#include "nlp/text.h"

typedef struct hn_documents hn_documents;

/* The documents of the n paths (borrowed), in their order. replace_invalid: invalid UTF-8 is
 * passed on, to be replaced by the analyzer; else it is an error that names file, line and byte.
 * Errors: HN_NO_MEMORY. */
hn_status hn_documents_create(const char *const *paths, size_t n, int replace_invalid,
                              hn_documents **documents_out, hn_error *err);
/* The next batch, borrowed until the next call; *n_out 0 at the end. Errors: those of the manifest
 * and of hn_json_lines; HN_IO of a lyrics file; HN_INVALID for a track without lyrics, since rows
 * would no longer be tracks, and for a bag of words. */
hn_status hn_documents_next(hn_documents *documents, const hn_text **texts_out, size_t *n_out,
                            hn_error *err);
void hn_documents_destroy(hn_documents *documents);

#endif
