/* Files and paths. Paths are bytes, '/' separates; nothing here changes the current folder. */
#ifndef HN_BASE_FILE_H
#define HN_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The whole of a regular file, with a 0 behind it. Gzip content is left as it is.
 * Errors: HN_IO with path and reason (missing, a folder, no permission), HN_NO_MEMORY. */
hn_status hn_file_read(const char *path, char **bytes_out, size_t *n_out, hn_error *err);
/* The same, unpacking gzip when the content begins with its magic number.
 * Errors also: HN_FORMAT when the gzip data is broken or cut. */
hn_status hn_file_read_gzip(const char *path, char **bytes_out, size_t *n_out, hn_error *err);
/* A file read piece by piece, unpacked if it is gzip; "-" is standard input. Errors: HN_IO. */
typedef struct hn_file_reader hn_file_reader;
hn_status hn_file_reader_open(const char *path, hn_file_reader **reader_out, hn_error *err);
/* The next n bytes; fewer only at the end. Errors: HN_IO; HN_FORMAT for broken gzip data. */
hn_status hn_file_reader_read(hn_file_reader *reader, void *bytes, size_t n, size_t *got_out,
                              hn_error *err);
void hn_file_reader_close(hn_file_reader *reader);
/* Write beside path, flush to disk, rename: at every moment path is the old file or the new one.
 * Errors: HN_IO. */
hn_status hn_file_write(const char *path, const void *bytes, size_t n, hn_error *err);
/* A run of bytes in memory, or (bytes NULL) the first n bytes of the open file fd. Borrowed. */
typedef struct {
  const void *bytes;
  size_t n;
  int fd;
} hn_file_part;
/* The same, of parts one behind the other. */
hn_status hn_file_write_parts(const char *path, const hn_file_part *parts, size_t n_parts,
                              hn_error *err);
/* A file without a name in path's folder, for what is too large for memory; closing it frees its
 * space. Errors: HN_IO. */
hn_status hn_file_spool(const char *path, int *fd_out, hn_error *err);
/* Append to an open file, whose name in messages is path. Errors: HN_IO. */
hn_status hn_file_append(int fd, const char *path, const void *bytes, size_t n, hn_error *err);
int hn_file_exists(const char *path);
int hn_file_is_folder(const char *path);
/* Can it be read only once: "-" or a pipe? */
int hn_file_is_stream(const char *path);

/* Make a folder and its parents; an existing one is fine. Errors: HN_IO. */
hn_status hn_folder_make(const char *path, hn_error *err);
/* Remove a folder with all that is in it; symbolic links are removed, not followed. Errors: HN_IO
 * for the first thing that cannot be removed. */
hn_status hn_folder_remove(const char *path, hn_error *err);
/* The names in a folder without . and .., in ascending byte order. Free with hn_names_free.
 * Errors: HN_IO. */
hn_status hn_folder_list(const char *path, char ***names_out, size_t *n_out, hn_error *err);
void hn_names_free(char **names, size_t n);

/* folder/name, or name itself when it is absolute or folder is "" or ".". NULL: out of memory. */
char *hn_path_join(const char *folder, const char *name);
/* The folder of a path ("." when it has none). NULL: out of memory. */
char *hn_path_folder(const char *path);
/* "a/b.tar.gz" gives "b.tar.gz"; borrowed from path. */
const char *hn_path_name(const char *path);
/* "a/b.tar.gz" gives "b.tar". NULL: out of memory. */
char *hn_path_stem(const char *path);
/* ".gz" of "b.tar.gz", "" without one; borrowed. */
const char *hn_path_suffix(const char *path);

/* XXH3 128-bit hash as 32 lower-case hex digits and a 0. */
void hn_hash_bytes(const void *bytes, size_t n, char hex_out[33]);
/* Of a file's content, read in blocks. Errors: HN_IO. */
hn_status hn_hash_file(const char *path, char hex_out[33], hn_error *err);

/* A name beside path that no other process uses: path with
 * ".tmp-<pid>-<counter>" behind it. NULL: out of memory. */
char *hn_path_scratch(const char *path);

#endif
