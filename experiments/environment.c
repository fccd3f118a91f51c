#include "experiments/environment.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/threads.h"
#include "experiments/build_info.h"
#include "experiments/commit.h"
#include "vision/audio.h"

#include <cblas.h>
#include <gnu/libc-version.h>
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

/* Versions of those built against; of decoders, products and the C library those in use. */
static hn_status list_libraries(json_t *all, hn_error *err) {
  hn_status status = HN_OK;
  char decoders[96];
  for (const char *at = HN_LIBRARIES; at && *at;) {
    char name[32], version[32];
    if (sscanf(at, "%31s %31s", name, version) == 2)
      HN_TRY(hn_json_set(all, name, json_string(version), err));
    at = strchr(at, '\n');
    if (at) at++;
  }
  hn_audio_decoders(decoders);
  HN_TRY(hn_json_set(all, "decoders", json_string(decoders), err));
  HN_TRY(hn_json_set(all, "openblas", json_string(openblas_get_config()), err));
  HN_TRY(hn_json_set(all, "glibc", json_string(gnu_get_libc_version()), err));
done:
  return status;
}

hn_status hn_environment_describe(uint64_t seed, json_t *inputs, json_t **environment_out,
                                  hn_error *err) {
  hn_status status = HN_OK;
  char cpu[256];
  json_t *libraries = json_object(), *all = NULL;

  if (!libraries) HN_TRY(hn_fail_memory(err));
  HN_TRY(list_libraries(libraries, err));
  processor_name(cpu, sizeof cpu);
  all =
      json_pack("{s:s, s:s, s:s, s:s, s:O, s:s, s:i, s:I, s:O}", "headnod", HN_VERSION, "commit",
                HN_COMMIT, "compiler", HN_COMPILER, "build", HN_BUILD_TYPE, "libraries", libraries,
                "cpu", cpu, "threads", hn_threads(), "seed", (json_int_t)seed, "inputs", inputs);
  if (!all) HN_TRY(hn_fail_memory(err));
  *environment_out = all;
done:
  json_decref(libraries);
  return status;
}
