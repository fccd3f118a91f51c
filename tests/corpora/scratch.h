/* A folder for one test, and files in it. */
#ifndef HN_TESTS_CORPORA_SCRATCH_H
#define HN_TESTS_CORPORA_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
  char folder[64];
  char path[512]; /* of the last scratch_path */
} scratch;

static inline int scratch_make(void **state) {
  scratch *s = calloc(1, sizeof *s);
  strcpy(s->folder, "/tmp/hn-corpora-XXXXXX");
  *state = s;
  return mkdtemp(s->folder) ? 0 : -1;
}

static inline int scratch_unlink(const char *path, const struct stat *info, int kind,
                                 struct FTW *at) {
  (void)info, (void)kind, (void)at;
  return remove(path);
}

static inline int scratch_remove(void **state) {
  scratch *s = *state;
  int failed = nftw(s->folder, scratch_unlink, 8, FTW_DEPTH | FTW_PHYS);
  free(s);
  return failed;
}

/* folder/name, valid until the next call. */
static inline const char *scratch_path(scratch *s, const char *name) {
  snprintf(s->path, sizeof s->path, "%s/%s", s->folder, name);
  return s->path;
}

/* Make the folders of folder/name, write n bytes, give its path. */
static inline const char *scratch_write_bytes(scratch *s, const char *name, const void *bytes,
                                              size_t n) {
  scratch_path(s, name);
  for (char *slash = s->path + strlen(s->folder); (slash = strchr(slash + 1, '/'));) {
    *slash = 0;
    mkdir(s->path, 0777);
    *slash = '/';
  }
  FILE *file = fopen(s->path, "wb");
  if (!file || fwrite(bytes, 1, n, file) != n || fclose(file) != 0) abort();
  return s->path;
}

static inline const char *scratch_write(scratch *s, const char *name, const char *text) {
  return scratch_write_bytes(s, name, text, strlen(text));
}

/* The content of folder/name; free it. */
static inline char *scratch_read(scratch *s, const char *name) {
  FILE *file = fopen(scratch_path(s, name), "rb");
  if (!file) return NULL;
  char *text = calloc(1, 1 << 20);
  if (fread(text, 1, (1 << 20) - 1, file) == 0) text[0] = 0;
  fclose(file);
  return text;
}

#endif
