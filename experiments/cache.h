/* The cache of computed features and simulated corpora: files named by the hash of what they were
 * made from. Entries appear by renaming, so two runs may share it; deleting it is always safe. */
#ifndef HN_EXPERIMENTS_CACHE_H
#define HN_EXPERIMENTS_CACHE_H

#include "base/error.h"

/* $XDG_CACHE_HOME/headnod, else $HOME/.cache/headnod; made when absent. The caller owns
 * *folder_out. Errors: HN_IO, also when neither variable is set. */
hn_status hn_cache_folder(char **folder_out, hn_error *err);

/* Where the entry of this kind, content and parameters lies (it may not exist yet):
 * folder/kind/<hash of content and parameters><suffix>. Makes the kind's folder.
 * content_hash: hex of hn_hash_file, parameters: any text. The caller owns *path_out. */
hn_status hn_cache_entry(const char *folder, const char *kind, const char *content_hash,
                         const char *parameters, const char *suffix, char **path_out,
                         hn_error *err);

#endif
