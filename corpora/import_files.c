#include "corpora/import_files.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const audio_suffixes[] = {".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff",
                                             ".aif", ".au",   ".m4a", ".oga",  ".aac", NULL};

int hn_text_is_blank(const char *text) {
  return text[strspn(text, " \t\r\n\v\f")] == 0;
}

char *hn_next_line(char **at_inout) {
  char *line = *at_inout;
  if (!line || !*line) return NULL;
  char *end = line + strcspn(line, "\n");
  *at_inout = *end ? end + 1 : end;
  *end = 0;
  if (end > line && end[-1] == '\r') end[-1] = 0;
  return line;
}

hn_status hn_text_from_encoding(const char *bytes, size_t n, const char *encoding, char **text_out,
                                hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer text = {0};
  size_t left = n;
  char *from = (char *)(uintptr_t)bytes; /* iconv does not write there */
  iconv_t converter = iconv_open("UTF-8", encoding);
  if (converter == (iconv_t)-1)
    return hn_fail(err, HN_INVALID,
                   "encoding: \"%.40s\" is not known to iconv; \"iconv -l\" lists what is",
                   encoding);
  for (int is_done = 0; !is_done;) {
    char block[4096], *to = block;
    size_t room = sizeof block;
    is_done = iconv(converter, &from, &left, &to, &room) != (size_t)-1;
    hn_buffer_append(&text, block, sizeof block - room);
    if (!is_done && errno != E2BIG) {
      *text_out = NULL;
      goto done;
    }
  }
  HN_TRY(hn_buffer_steal(&text, text_out, NULL, err));
done:
  iconv_close(converter);
  hn_buffer_free(&text);
  return status;
}

const char *hn_import_encoding(const hn_options *options) {
  return hn_options_is_none(options, "encoding") ? NULL : hn_options_text(options, "encoding");
}

/* What a file's bytes say that they are in; NULL: UTF-8. */
static const char *guess_encoding(const char *bytes, size_t n, const char *otherwise) {
  int is_utf16 = n >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0);
  if (is_utf16) return "UTF-16";
  return hn_utf8_valid_length(bytes, n) < n ? otherwise : NULL;
}

hn_status hn_import_read_text(hn_import *import, const char *path, const char *encoding,
                              char **text_out, hn_error *err) {
  hn_status status = HN_OK;
  char *bytes = NULL, *converted = NULL;
  size_t n = 0;
  hn_error why;
  *text_out = NULL;
  status = hn_file_read(path, &bytes, &n, &why);
  if (status == HN_NO_MEMORY) return hn_fail_memory(err);
  if (status != HN_OK) return hn_import_problem(import, err, "%s; left out", why.message);
  const char *is_in = guess_encoding(bytes, n, encoding);
  if (is_in) {
    HN_TRY(hn_text_from_encoding(bytes, n, is_in, &converted, err));
    if (!converted) {
      HN_TRY(
          hn_import_problem(import, err, "%s: the lyrics are not %s text; left out", path, is_in));
      goto done;
    }
    hn_free(bytes);
    bytes = converted;
    n = strlen(bytes);
  }
  if (n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) memmove(bytes, bytes + 3, (n -= 3) + 1);
  size_t n_valid = hn_utf8_valid_length(bytes, n);
  if (n_valid < n || memchr(bytes, 0, n))
    HN_TRY(hn_import_problem(import, err,
                             "%s: the lyrics are not UTF-8 text (byte %zu); left out: convert "
                             "them, for example with iconv -f latin1 -t utf-8",
                             path, n_valid < n ? n_valid + 1 : strlen(bytes) + 1));
  else if (hn_text_is_blank(bytes))
    HN_TRY(hn_import_problem(import, err, "%s: the lyrics are empty; left out", path));
  else {
    *text_out = bytes;
    bytes = NULL;
  }
done:
  hn_free(bytes);
  return status;
}

int hn_import_same_folder(const char *a, const char *b) {
  char *real_a = realpath(a, NULL), *real_b = realpath(b, NULL);
  int is_same = real_a && real_b && strcmp(real_a, real_b) == 0;
  free(real_a);
  free(real_b);
  return is_same;
}

static int ends_in(const char *name, const char *const *suffixes) {
  size_t n = strlen(name);
  for (; *suffixes; suffixes++) {
    size_t n_suffix = strlen(*suffixes);
    if (n > n_suffix && strcasecmp(name + n - n_suffix, *suffixes) == 0) return 1;
  }
  return 0;
}

static hn_status walk_folder(const hn_import *import, const char *folder,
                             const char *const *suffixes, hn_import_visitor *visit, void *context,
                             hn_error *err) {
  hn_status status = HN_OK;
  char **names = NULL, *path = NULL;
  size_t n_names = 0;
  if (hn_import_same_folder(folder, hn_import_folder(import))) return HN_OK;
  HN_TRY(hn_folder_list(folder, &names, &n_names, err));
  for (size_t i = 0; i < n_names; i++) {
    hn_free(path);
    if (!(path = hn_path_join(folder, names[i]))) HN_TRY(hn_fail_memory(err));
    if (hn_file_is_folder(path))
      HN_TRY(walk_folder(import, path, suffixes, visit, context, err));
    else if (ends_in(names[i], suffixes))
      HN_TRY(visit(context, path, err));
  }
done:
  hn_free(path);
  hn_names_free(names, n_names);
  return status;
}

hn_status hn_import_walk(const hn_import *import, const char *path, const char *const *suffixes,
                         hn_import_visitor *visit, void *context, hn_error *err) {
  if (hn_file_is_folder(path)) return walk_folder(import, path, suffixes, visit, context, err);
  return visit(context, path, err);
}

int hn_name_is_audio(const char *name) {
  return ends_in(name, audio_suffixes);
}

hn_status hn_import_find_audio(const char *path, char **audio_out, hn_error *err) {
  hn_buffer found = {0};
  size_t n = strlen(path) - strlen(hn_path_suffix(path));
  hn_status status = HN_OK;
  *audio_out = NULL;
  for (size_t i = 0; audio_suffixes[i]; i++) {
    hn_buffer_clear(&found);
    hn_buffer_append(&found, path, n);
    hn_buffer_text(&found, audio_suffixes[i]);
    HN_TRY(hn_buffer_status(&found, err));
    if (!hn_file_exists(found.data)) continue;
    HN_TRY(hn_buffer_steal(&found, audio_out, NULL, err));
    break;
  }
done:
  hn_buffer_free(&found);
  return status;
}

void hn_import_split_name(char *name, const char **artist_out, const char **title_out) {
  char *cut = strstr(name, " - ");
  if (cut && name + strspn(name, "0123456789") == cut) {
    name = cut + 3;
    cut = strstr(name, " - ");
  }
  *artist_out = cut ? name : NULL;
  *title_out = cut ? cut + 3 : name;
  if (cut) *cut = 0;
}
