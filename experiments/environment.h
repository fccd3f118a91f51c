/* environment.json: what a run was made with, so that it can be made again. */
#ifndef HN_EXPERIMENTS_ENVIRONMENT_H
#define HN_EXPERIMENTS_ENVIRONMENT_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"

/* The version of headnod: "0.1.0". */
const char *hn_version(void);
/* Version, commit, compiler, libraries, processor, threads and seed; `inputs` (an object,
 * what the run read: hash; borrowed) is added as it is. The caller owns *environment_out. */
hn_status hn_environment_describe(uint64_t seed, json_t *inputs, json_t **environment_out,
                                  hn_error *err);

#endif
