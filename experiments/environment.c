#include "experiments/environment.h"

#include "base/memory.h"
#include "base/threads.h"
#include "experiments/build_info.h"
#include "experiments/commit.h"

#include <cblas.h>
#include <sndfile.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

const char *hn_version(void) {
  return HN_VERSION;
}

/* The processor's name, from the kernel; the machine's type where it does not say. */
static void processor_name(char *name, size_t n) {
  char line[256];
  struct utsname system;
  FILE *info = fopen("/proc/cpuinfo", "re");
  snprintf(name, n, "%s", uname(&system) == 0 ? system.machine : "unknown");
  while (info && fgets(line, sizeof line, info)) {
    char *colon = strchr(line, ':');
    if (strncmp(line, "model name", 10) != 0 || !colon) continue;
    line[strcspn(line, "\n")] = 0;
    snprintf(name, n, "%s", colon + 2);
    break;
  }
  if (info) fclose(info);
}

static json_t *libraries(void) {
  json_t *all = json_object();
  for (const char *at = HN_LIBRARIES; at && *at;) {
    char name[32], version[32];
    if (sscanf(at, "%31s %31s", name, version) == 2)
      json_object_set_new(all, name, json_string(version));
    at = strchr(at, '\n');
    if (at) at++;
  }
  /* The decoder and the products in use may be newer than those built against. */
  json_object_set_new(all, "sndfile", json_string(sf_version_string()));
  json_object_set_new(all, "openblas", json_string(openblas_get_config()));
  return all;
}

hn_status hn_environment_describe(uint64_t seed, json_t *inputs, json_t **environment_out,
                                  hn_error *err) {
  char cpu[256];
  processor_name(cpu, sizeof cpu);
  json_t *all = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:i, s:I, s:O}", "headnod", HN_VERSION,
                          "commit", HN_COMMIT, "compiler", HN_COMPILER, "build", HN_BUILD_TYPE,
                          "libraries", libraries(), "cpu", cpu, "threads", hn_threads(), "seed",
                          (json_int_t)seed, "inputs", inputs);
  if (!all) return hn_fail_memory(err);
  *environment_out = all;
  return HN_OK;
}
