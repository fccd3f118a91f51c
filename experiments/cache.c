#include "experiments/cache.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"

#include <stdlib.h>

hn_status hn_cache_folder(char **folder_out, hn_error *err) {
  const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  char *folder = NULL;
  if (cache && cache[0] == '/')
    folder = hn_path_join(cache, "headnod");
  else if (home && home[0] == '/')
    folder = hn_path_join(home, ".cache/headnod");
  else
    return hn_fail(err, HN_IO, "no folder for the cache: set HOME or XDG_CACHE_HOME");
  if (!folder) return hn_fail_memory(err);
  hn_status status = hn_folder_make(folder, err);
  if (status == HN_OK)
    *folder_out = folder;
  else
    hn_free(folder);
  return status;
}

hn_status hn_cache_entry(const char *folder, const char *kind, const char *content_hash,
                         const char *parameters, const char *suffix, char **path_out,
                         hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer text = {0};
  char hash[33];
  char *kind_folder = hn_path_join(folder, kind);

  if (!kind_folder) return hn_fail_memory(err);
  hn_buffer_format(&text, "%s\n%s", content_hash, parameters);
  HN_TRY(hn_buffer_status(&text, err));
  hn_hash_bytes(text.data, text.length, hash);
  HN_TRY(hn_folder_make(kind_folder, err));
  hn_buffer_clear(&text);
  hn_buffer_format(&text, "%s/%s%s", kind_folder, hash, suffix);
  status = hn_buffer_steal(&text, path_out, NULL, err);
done:
  hn_buffer_free(&text);
  hn_free(kind_folder);
  return status;
}
