#include "base/file.h"

#include "base/buffer.h"
#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zlib.h>

enum { BLOCK = 1 << 16 };

static hn_status fail_io(hn_error *err, const char *path, const char *doing) {
  char reason[128];
  return hn_fail(err, HN_IO, "%s: cannot %s: %s", path, doing,
                 strerror_r(errno, reason, sizeof reason));
}

/* Open for reading; a folder opens too, and is refused here with a clear word. */
static hn_status open_regular(const char *path, int *fd_out, size_t *size_out, hn_error *err) {
  struct stat info;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail_io(err, path, "open");
  if (fstat(fd, &info) != 0 || S_ISDIR(info.st_mode)) {
    if (S_ISDIR(info.st_mode)) errno = EISDIR;
    hn_status status = fail_io(err, path, "read");
    close(fd);
    return status;
  }
  *fd_out = fd;
  *size_out = info.st_size > 0 ? (size_t)info.st_size : 0;
  return HN_OK;
}

/* read(2), again when a signal interrupts it. */
static ssize_t read_some(int fd, void *to, size_t n) {
  ssize_t got;
  do got = read(fd, to, n);
  while (got < 0 && errno == EINTR);
  return got;
}

/* The size that the system tells is a first guess only: pipes and /proc say 0. */
hn_status hn_file_read(const char *path, char **bytes_out, size_t *n_out, hn_error *err) {
  hn_status status = HN_OK;
  int fd = -1;
  size_t size = 0, n = 0;
  char *bytes = NULL;

  HN_TRY(open_regular(path, &fd, &size, err));
  for (;;) {
    if (!bytes || n == size) {
      if (bytes) size += size / 2 + BLOCK;
      char *grown = hn_realloc(bytes, size + 2, 1); /* the 0 behind, and room to see the end */
      if (!grown) HN_TRY(hn_fail_memory(err));
      bytes = grown;
      size++;
    }
    ssize_t got = read_some(fd, bytes + n, size - n);
    if (got < 0) HN_TRY(fail_io(err, path, "read"));
    if (got == 0) break;
    n += (size_t)got;
  }
  bytes[n] = 0;
  *bytes_out = bytes;
  *n_out = n;
  bytes = NULL;
done:
  if (fd >= 0) close(fd);
  hn_free(bytes);
  return status;
}

static void *zlib_alloc(void *context, unsigned n, unsigned size) {
  (void)context;
  return hn_alloc(n, size);
}

static void zlib_free(void *context, void *p) {
  (void)context;
  hn_free(p);
}

/* Unpack one gzip member after the other, as gzip itself does. */
static hn_status unpack(const char *path, const char *packed, size_t n, hn_buffer *out,
                        hn_error *err) {
  hn_status status = HN_OK;
  z_stream stream = {.zalloc = zlib_alloc, .zfree = zlib_free};
  unsigned char *block = NULL;
  size_t at = 0;
  int result = Z_OK;

  if (inflateInit2(&stream, 15 + 16) != Z_OK) return hn_fail_memory(err);
  HN_NEW(block, BLOCK, err);
  while (result != Z_STREAM_END || at < n) {
    if (result == Z_STREAM_END && inflateReset(&stream) != Z_OK) HN_TRY(hn_fail_memory(err));
    size_t given = n - at < BLOCK ? n - at : BLOCK;
    stream.next_in = (unsigned char *)(uintptr_t)packed + at;
    stream.avail_in = (unsigned)given;
    stream.next_out = block;
    stream.avail_out = BLOCK;
    result = inflate(&stream, Z_NO_FLUSH);
    at += given - stream.avail_in;
    hn_buffer_append(out, block, BLOCK - stream.avail_out);
    HN_TRY(hn_buffer_status(out, err));
    if (result == Z_MEM_ERROR) HN_TRY(hn_fail_memory(err));
    if (result != Z_OK && result != Z_STREAM_END)
      HN_TRY(hn_fail(err, HN_FORMAT, "%s: the gzip data is %s at byte %zu", path,
                     at == n ? "cut short" : "broken", at));
  }
done:
  inflateEnd(&stream);
  hn_free(block);
  return status;
}

hn_status hn_file_read_gzip(const char *path, char **bytes_out, size_t *n_out, hn_error *err) {
  char *bytes = NULL;
  size_t n = 0;
  hn_buffer unpacked = {0};
  hn_status status = hn_file_read(path, &bytes, &n, err);
  if (status != HN_OK) return status;
  if (n < 2 || memcmp(bytes, "\x1f\x8b", 2) != 0) {
    *bytes_out = bytes;
    *n_out = n;
    return HN_OK;
  }
  status = unpack(path, bytes, n, &unpacked, err);
  hn_free(bytes);
  if (status == HN_OK) status = hn_buffer_steal(&unpacked, bytes_out, n_out, err);
  hn_buffer_free(&unpacked);
  return status;
}

static int is_standard_input(const char *path) {
  return strcmp(path, "-") == 0;
}

int hn_file_is_stream(const char *path) {
  struct stat info;
  return is_standard_input(path) ||
         (stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode));
}

struct hn_file_reader {
  char *path;
  gzFile file;
};

hn_status hn_file_reader_open(const char *path, hn_file_reader **reader_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_file_reader *made = NULL;
  int fd = -1;
  size_t size;
  HN_NEW(made, 1, err);
  HN_DUP(made->path, path, err);
  if (is_standard_input(path)) {
    fd = dup(STDIN_FILENO);
    if (fd < 0) HN_TRY(fail_io(err, "standard input", "open"));
  } else {
    HN_TRY(open_regular(path, &fd, &size, err));
  }
  made->file = gzdopen(fd, "rb");
  if (!made->file) {
    close(fd);
    HN_TRY(hn_fail_memory(err));
  }
  gzbuffer(made->file, BLOCK);
  *reader_out = made;
  made = NULL;
done:
  hn_file_reader_close(made);
  return status;
}

hn_status hn_file_reader_read(hn_file_reader *r, void *bytes, size_t n, size_t *got_out,
                              hn_error *err) {
  size_t got = gzfread(bytes, 1, n, r->file);
  int code;
  gzerror(r->file, &code);
  if (code == Z_MEM_ERROR) return hn_fail_memory(err);
  if (code == Z_ERRNO) return fail_io(err, r->path, "read");
  if (code != Z_OK && code != Z_STREAM_END)
    return hn_fail(err, HN_FORMAT, "%s: the gzip data is %s", r->path,
                   code == Z_BUF_ERROR ? "cut short" : "broken");
  *got_out = got;
  return HN_OK;
}

void hn_file_reader_close(hn_file_reader *r) {
  if (!r) return;
  if (r->file) gzclose_r(r->file);
  hn_free(r->path);
  hn_free(r);
}

static int write_all(int fd, const char *bytes, size_t n) {
  while (n > 0) {
    ssize_t written = write(fd, bytes, n);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return 0;
    bytes += written;
    n -= (size_t)written;
  }
  return 1;
}

static int copy_file(int from, int to, char *block, size_t n) {
  for (size_t at = 0; at < n;) {
    ssize_t got = pread(from, block, n - at < BLOCK ? n - at : BLOCK, (off_t)at);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errno = EIO; /* shorter than the caller said */
    if (got <= 0 || !write_all(to, block, (size_t)got)) return 0;
    at += (size_t)got;
  }
  return 1;
}

hn_status hn_file_write_parts(const char *path, const hn_file_part *parts, size_t n_parts,
                              hn_error *err) {
  hn_status status = HN_OK;
  int fd = -1;
  char *block = NULL, *scratch = hn_path_scratch(path);
  if (!scratch) return hn_fail_memory(err);

  HN_NEW(block, BLOCK, err);
  fd = open(scratch, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) HN_TRY(fail_io(err, path, "write"));
  for (size_t i = 0; i < n_parts; i++)
    if (!(parts[i].bytes ? write_all(fd, parts[i].bytes, parts[i].n)
                         : copy_file(parts[i].fd, fd, block, parts[i].n)))
      HN_TRY(fail_io(err, path, "write"));
  if (fsync(fd) != 0) HN_TRY(fail_io(err, path, "write"));
  int closed = close(fd);
  fd = -1;
  if (closed != 0 || rename(scratch, path) != 0) {
    status = fail_io(err, path, "write");
    unlink(scratch);
  }
done:
  if (fd >= 0) {
    close(fd);
    unlink(scratch);
  }
  hn_free(block);
  hn_free(scratch);
  return status;
}

hn_status hn_file_write(const char *path, const void *bytes, size_t n, hn_error *err) {
  hn_file_part whole = {bytes, n, -1};
  return hn_file_write_parts(path, &whole, 1, err);
}

hn_status hn_file_spool(const char *path, int *fd_out, hn_error *err) {
  char *scratch = hn_path_scratch(path);
  if (!scratch) return hn_fail_memory(err);
  int fd = open(scratch, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  hn_status status = fd < 0 ? fail_io(err, path, "write") : HN_OK;
  if (fd >= 0) unlink(scratch);
  hn_free(scratch);
  if (status == HN_OK) *fd_out = fd;
  return status;
}

hn_status hn_file_append(int fd, const char *path, const void *bytes, size_t n, hn_error *err) {
  return write_all(fd, bytes, n) ? HN_OK : fail_io(err, path, "write");
}

int hn_file_exists(const char *path) {
  struct stat info;
  return stat(path, &info) == 0;
}

int hn_file_is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

hn_status hn_folder_make(const char *path, hn_error *err) {
  char *part = hn_strdup(path);
  if (!part) return hn_fail_memory(err);
  hn_status status = HN_OK;
  for (char *c = part; status == HN_OK && *c; c++) {
    char after = c[1];
    if (after != '/' && after != 0) continue;
    c[1] = 0;
    int reason = mkdir(part, 0777) == 0 ? 0 : errno;
    if (reason && !hn_file_is_folder(part)) {
      errno = reason;
      status = fail_io(err, part, "make the folder");
    }
    c[1] = after;
  }
  hn_free(part);
  return status;
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

hn_status hn_folder_list(const char *path, char ***names_out, size_t *n_out, hn_error *err) {
  hn_status status = HN_OK;
  char **names = NULL;
  size_t n = 0, capacity = 0;
  DIR *folder = opendir(path);
  if (!folder) return fail_io(err, path, "list the folder");

  HN_GROW(names, n, capacity, err);
  for (;;) {
    errno = 0;
    const struct dirent *entry = readdir(folder);
    if (!entry) break;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    HN_GROW(names, n, capacity, err);
    HN_DUP(names[n], entry->d_name, err);
    n++;
  }
  if (errno != 0) HN_TRY(fail_io(err, path, "list the folder"));
  qsort(names, n, sizeof *names, compare_names);
  *names_out = names;
  *n_out = n;
  names = NULL;
done:
  closedir(folder);
  hn_names_free(names, n);
  return status;
}

void hn_names_free(char **names, size_t n) {
  if (!names) return;
  for (size_t i = 0; i < n; i++) hn_free(names[i]);
  hn_free(names);
}

static int is_link(const char *path) {
  struct stat info;
  return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

hn_status hn_folder_remove(const char *path, hn_error *err) {
  hn_status status = HN_OK;
  char **names = NULL, *inner = NULL;
  size_t n = 0;
  HN_TRY(hn_folder_list(path, &names, &n, err));
  for (size_t i = 0; i < n; i++) {
    if (!(inner = hn_path_join(path, names[i]))) HN_TRY(hn_fail_memory(err));
    if (hn_file_is_folder(inner) && !is_link(inner))
      HN_TRY(hn_folder_remove(inner, err));
    else if (unlink(inner) != 0)
      HN_TRY(fail_io(err, inner, "remove"));
    hn_free(inner);
    inner = NULL;
  }
  if (rmdir(path) != 0) status = fail_io(err, path, "remove");
done:
  hn_free(inner);
  hn_names_free(names, n);
  return status;
}

char *hn_path_join(const char *folder, const char *name) {
  if (name[0] == '/' || folder[0] == 0 || strcmp(folder, ".") == 0) return hn_strdup(name);
  size_t n = strlen(folder), m = strlen(name);
  int needs_slash = folder[n - 1] != '/';
  char *path = hn_alloc(n + m + 2, 1);
  if (!path) return NULL;
  memcpy(path, folder, n);
  if (needs_slash) path[n++] = '/';
  memcpy(path + n, name, m + 1);
  return path;
}

char *hn_path_folder(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash) return hn_strdup(".");
  return hn_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

const char *hn_path_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

const char *hn_path_suffix(const char *path) {
  const char *name = hn_path_name(path), *dot = strrchr(name, '.');
  return dot && dot != name ? dot : name + strlen(name);
}

char *hn_path_stem(const char *path) {
  const char *name = hn_path_name(path);
  return hn_strndup(name, (size_t)(hn_path_suffix(path) - name));
}

static void hash_to_hex(XXH128_hash_t hash, char hex_out[33]) {
  snprintf(hex_out, 33, "%016llx%016llx", (unsigned long long)hash.high64,
           (unsigned long long)hash.low64);
}

void hn_hash_bytes(const void *bytes, size_t n, char hex_out[33]) {
  hash_to_hex(XXH3_128bits(bytes, n), hex_out);
}

hn_status hn_hash_file(const char *path, char hex_out[33], hn_error *err) {
  hn_status status = HN_OK;
  int fd = -1;
  size_t size;
  char *block = NULL;
  XXH3_state_t *state = NULL;

  HN_TRY(open_regular(path, &fd, &size, err));
  HN_NEW(block, BLOCK, err);
  state = XXH3_createState();
  if (!state) HN_TRY(hn_fail_memory(err));
  XXH3_128bits_reset(state);
  for (;;) {
    ssize_t got = read_some(fd, block, BLOCK);
    if (got < 0) HN_TRY(fail_io(err, path, "read"));
    if (got == 0) break;
    XXH3_128bits_update(state, block, (size_t)got);
  }
  hash_to_hex(XXH3_128bits_digest(state), hex_out);
done:
  if (fd >= 0) close(fd);
  XXH3_freeState(state);
  hn_free(block);
  return status;
}

char *hn_path_scratch(const char *path) {
  static atomic_uint counter; /* only makes names differ; no result depends on it */
  hn_buffer name = {0};
  char *text = NULL;
  hn_buffer_format(&name, "%s.tmp-%ld-%u", path, (long)getpid(), atomic_fetch_add(&counter, 1));
  if (hn_buffer_steal(&name, &text, NULL, NULL) != HN_OK) hn_buffer_free(&name);
  return text;
}
