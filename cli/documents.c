#include "cli/documents.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "corpora/detect.h"
#include "corpora/manifest.h"
#include "nlp/json_lines.h"

enum { BATCH_BYTES = 4 << 20 };

struct hn_documents {
  const char *const *paths;
  size_t n_paths, next_path;
  int replace_invalid;
  hn_json_lines *lines;  /* the open file: this one … */
  hn_manifest *manifest; /* … or this one, at this track */
  size_t track;
  hn_text *texts; /* a batch of lyrics, which it owns */
  size_t n, capacity;
};

hn_status hn_documents_create(const char *const *paths, size_t n, int replace_invalid,
                              hn_documents **documents_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_documents *made = NULL;
  HN_NEW(made, 1, err);
  made->paths = paths;
  made->n_paths = n;
  made->replace_invalid = replace_invalid;
  *documents_out = made;
done:
  return status;
}

static void forget_texts(hn_documents *d) {
  for (size_t i = 0; i < d->n; i++) hn_free((char *)(uintptr_t)d->texts[i].bytes);
  d->n = 0;
}

static void close_file(hn_documents *d) {
  hn_json_lines_close(d->lines);
  hn_manifest_destroy(d->manifest);
  d->lines = NULL;
  d->manifest = NULL;
}

void hn_documents_destroy(hn_documents *d) {
  if (!d) return;
  forget_texts(d);
  close_file(d);
  hn_free(d->texts);
  hn_free(d);
}

static hn_status open_next(hn_documents *d, hn_error *err) {
  hn_status status = HN_OK;
  const char *path = d->paths[d->next_path++];
  hn_corpus_format format;
  HN_TRY(hn_corpus_detect(path, &format, err));
  if (format == HN_CORPUS_BAGS)
    HN_TRY(hn_fail(err, HN_INVALID,
                   "%s: a bag of words has its own vocabulary; give it alone, without --hashing",
                   path));
  d->track = 0;
  HN_TRY(format == HN_CORPUS_MANIFEST
             ? hn_manifest_read(path, NULL, &d->manifest, err)
             : hn_json_lines_open(path, d->replace_invalid, &d->lines, err));
done:
  return status;
}

static hn_status check_utf8(const char *path, hn_text text, hn_error *err) {
  size_t valid = hn_utf8_valid_length(text.bytes, text.n), line = 1, start = 0;
  if (valid == text.n) return HN_OK;
  for (size_t i = 0; i < valid; i++)
    if (text.bytes[i] == '\n') {
      line++;
      start = i + 1;
    }
  return hn_fail(err, HN_FORMAT,
                 "%s:%zu: byte %zu of the line (0x%02X) is not valid UTF-8; convert the file, or "
                 "let such bytes be replaced (--replace-invalid)",
                 path, line, valid - start + 1, (unsigned char)text.bytes[valid]);
}

/* Lyrics of the manifest's next tracks, up to a batch. */
static hn_status read_lyrics(hn_documents *d, hn_error *err) {
  hn_status status = HN_OK;
  for (size_t n_bytes = 0; n_bytes < BATCH_BYTES; d->track++) {
    char *bytes;
    size_t n;
    if (d->track == hn_manifest_n_tracks(d->manifest)) break;
    const hn_track *track = hn_manifest_track(d->manifest, d->track);
    if (!track->lyrics)
      HN_TRY(hn_fail(err, HN_INVALID, "%s:%zu: track %s has no lyrics; leave such tracks out",
                     d->paths[d->next_path - 1], track->line, track->id));
    HN_GROW(d->texts, d->n, d->capacity, err);
    HN_TRY(hn_file_read(track->lyrics, &bytes, &n, err));
    d->texts[d->n++] = (hn_text){bytes, n};
    if (!d->replace_invalid) HN_TRY(check_utf8(track->lyrics, d->texts[d->n - 1], err));
    n_bytes += n;
  }
done:
  return status;
}

hn_status hn_documents_next(hn_documents *d, const hn_text **texts_out, size_t *n_out,
                            hn_error *err) {
  hn_status status = HN_OK;
  *n_out = 0;
  for (;;) {
    forget_texts(d);
    if (d->lines) {
      HN_TRY(hn_json_lines_next(d->lines, texts_out, n_out, err));
    } else if (d->manifest) {
      HN_TRY(read_lyrics(d, err));
      *texts_out = d->texts;
      *n_out = d->n;
    }
    if (*n_out > 0) break;
    close_file(d);
    if (d->next_path == d->n_paths) break;
    HN_TRY(open_next(d, err));
  }
done:
  return status;
}
