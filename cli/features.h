/* What `headnod mel` and `headnod feature` share: one feature of many files, as arrays, pictures or
 * a table of statistics. */
#ifndef HN_CLI_FEATURES_H
#define HN_CLI_FEATURES_H

#include "cli/args.h"
#include "vision/descriptors.h"

/* --output, --png, --summary; ends with a NULL name. */
extern const hn_flag hn_features_flags[];

/* Compute the feature of args->files with the options args->tables[0] and write what the flags ask
 * for. Every file is tried; messages of bad ones come in the files' order. Errors: HN_INVALID
 * (options; two files of one stem), HN_FORMAT (some files failed, the others are written), HN_IO,
 * HN_NO_MEMORY. */
hn_status hn_features_write(const hn_descriptor_kind *kind, const hn_args *args, hn_error *err);

/* Is there anything to write? If not, says on stderr what is missing. */
int hn_features_check(const hn_args *args);

#endif
