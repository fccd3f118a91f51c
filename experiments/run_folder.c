#include "experiments/run_folder.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

char *hn_run_path(const char *folder, const char *format, ...) {
  char name[512];
  va_list args;
  va_start(args, format);
  vsnprintf(name, sizeof name, format, args);
  va_end(args);
  return hn_path_join(folder, name);
}

hn_status hn_run_make(const char *folder, const char *name, hn_error *err) {
  char *path = hn_run_path(folder, "%s", name);
  hn_status status = path ? hn_folder_make(path, err) : hn_fail_memory(err);
  hn_free(path);
  return status;
}

static void utc_text(const char *format, char *text, size_t n) {
  time_t now = time(NULL);
  struct tm tm;
  gmtime_r(&now, &tm);
  strftime(text, n, format, &tm);
}

static hn_status open_log(hn_run_folder *folder, hn_error *err) {
  char *path = hn_run_path(folder->path, "log.jsonl");
  if (!path) return hn_fail_memory(err);
  folder->log = fopen(path, "ae");
  hn_status status = folder->log ? HN_OK : hn_fail(err, HN_IO, "%s: %s", path, strerror(errno));
  hn_free(path);
  return status;
}

/* The first free one of runs/<name>-<time>, …-2, …-3. */
static hn_status fresh_path(const char *name, char **path_out, hn_error *err) {
  char now[32];
  utc_text("%Y%m%dT%H%M%SZ", now, sizeof now);
  for (int attempt = 1;; attempt++) {
    hn_buffer path = {0};
    hn_buffer_format(&path, "runs/%s-%s", name, now);
    if (attempt > 1) hn_buffer_format(&path, "-%d", attempt);
    hn_status status = hn_buffer_steal(&path, path_out, NULL, err);
    if (status != HN_OK || !hn_file_exists(*path_out)) return status;
    hn_free(*path_out);
  }
}

static hn_status check_empty(const char *path, hn_error *err) {
  char **names = NULL;
  size_t n = 0;
  if (!hn_file_exists(path)) return HN_OK;
  hn_status status = hn_folder_list(path, &names, &n, err);
  if (status == HN_OK && n > 0)
    status = hn_fail(err, HN_INVALID,
                     "%s: the folder is not empty (it holds %s); give another with -o, or go on "
                     "with an unfinished run by --resume %s",
                     path, names[0], path);
  hn_names_free(names, n);
  return status;
}

hn_status hn_run_folder_create(const char *given, const char *name, hn_run_folder *folder_out,
                               hn_error *err) {
  hn_status status = HN_OK;
  hn_run_folder folder = {0};
  if (given && !given[0])
    return hn_fail(err, HN_INVALID, "-o: the name of the run folder is empty; give a path");
  if (given) {
    HN_DUP(folder.path, given, err);
    HN_TRY(check_empty(given, err));
    folder.is_ours = !hn_file_exists(given);
  } else {
    HN_TRY(fresh_path(name, &folder.path, err));
    folder.is_ours = 1;
  }
  HN_TRY(hn_folder_make(folder.path, err));
  HN_TRY(open_log(&folder, err));
  *folder_out = folder;
  return HN_OK;
done:
  hn_run_folder_close(&folder);
  return status;
}

/* guests/<policy>/<kind> */
enum { DEEPEST = 3 };

/* Files that an interruption left half written, in the run folder or those below it. */
static hn_status remove_scratch(const char *path, int depth, hn_error *err) {
  char **names = NULL;
  size_t n = 0;
  hn_status status = hn_folder_list(path, &names, &n, err);
  for (size_t i = 0; status == HN_OK && i < n; i++) {
    char *inner = hn_path_join(path, names[i]);
    if (!inner)
      status = hn_fail_memory(err);
    else if (hn_file_is_folder(inner))
      status = depth ? remove_scratch(inner, depth - 1, err) : HN_OK;
    else if (strstr(names[i], ".tmp-"))
      unlink(inner);
    hn_free(inner);
  }
  hn_names_free(names, n);
  return status;
}

hn_status hn_run_folder_open(const char *path, hn_run_folder *folder_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_run_folder folder = {0};
  char *study = hn_run_path(path, "study.yaml");
  if (!study) return hn_fail_memory(err);
  if (!hn_file_exists(study))
    HN_TRY(hn_fail(err, HN_INVALID, "%s: no run lies there (study.yaml is missing)", path));
  HN_TRY(remove_scratch(path, DEEPEST, err));
  HN_DUP(folder.path, path, err);
  HN_TRY(open_log(&folder, err));
  *folder_out = folder;
  folder = (hn_run_folder){0};
done:
  hn_free(study);
  hn_run_folder_close(&folder);
  return status;
}

void hn_run_folder_close(hn_run_folder *folder) {
  if (!folder) return;
  if (folder->log) fclose(folder->log);
  hn_free(folder->path);
  *folder = (hn_run_folder){0};
}

/* Apply unlink or rmdir to folder/name; is it gone? */
static int remove_in(const hn_run_folder *folder, const char *name, int (*by)(const char *path)) {
  char *path = hn_run_path(folder->path, "%s", name);
  int is_gone = path && (by(path) == 0 || errno == ENOENT);
  hn_free(path);
  return is_gone;
}

void hn_run_folder_discard(const hn_run_folder *folder) {
  static const char *const files[] = {"study.yaml", "environment.json", "log.jsonl"};
  /* rmdir leaves alone what holds a trained fold. */
  if (!remove_in(folder, "folds", rmdir) || !remove_in(folder, "models", rmdir)) return;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) remove_in(folder, files[i], unlink);
  if (folder->is_ours) rmdir(folder->path);
}

hn_status hn_run_log(hn_run_folder *folder, const char *event, json_t *fields, hn_error *err) {
  char now[32];
  utc_text("%Y-%m-%dT%H:%M:%SZ", now, sizeof now);
  json_t *line = json_pack("{s:s, s:s}", "time", now, "event", event);
  char *text = NULL;
  hn_status status = HN_OK;
  if (line && fields && json_object_update(line, fields) == 0)
    text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(9));
  if (!text)
    status = hn_fail_memory(err);
  else if (fprintf(folder->log, "%s\n", text) < 0 || fflush(folder->log) != 0)
    status = hn_fail(err, HN_IO, "%s/log.jsonl: %s", folder->path, strerror(errno));
  json_decref(line);
  json_decref(fields);
  free(text);
  return status;
}

static hn_status add_stage(json_t *stages, const json_t *event, hn_error *err) {
  const json_t *name = json_object_get(event, "stage");
  double seconds = json_number_value(json_object_get(event, "seconds"));
  size_t i;
  json_t *stage;
  json_array_foreach(stages, i, stage) {
    if (!json_equal(json_object_get(stage, "stage"), name)) continue;
    seconds += json_number_value(json_object_get(stage, "seconds"));
    return hn_json_set(stage, "seconds", hn_json_real(seconds), err);
  }
  return hn_json_append(
      stages, json_pack("{s:O, s:o}", "stage", name, "seconds", hn_json_real(seconds)), err);
}

hn_status hn_run_events(const char *folder, const char *event, json_t **list_out, hn_error *err) {
  hn_status status = HN_OK;
  char *bytes = NULL, *path = hn_run_path(folder, "log.jsonl");
  json_t *list = json_array(), *line = NULL;
  size_t n = 0;

  if (!path || !list) HN_TRY(hn_fail_memory(err));
  if (hn_file_exists(path)) HN_TRY(hn_file_read(path, &bytes, &n, err));
  for (size_t from = 0; from < n;) {
    size_t length = strcspn(bytes + from, "\n");
    json_decref(line);
    line = json_loadb(bytes + from, length, 0, NULL);
    const char *kind = json_string_value(json_object_get(line, "event"));
    if (kind && strcmp(kind, event) == 0) HN_TRY(hn_json_append(list, json_incref(line), err));
    from += length + 1;
  }
  *list_out = list;
  list = NULL;
done:
  json_decref(line);
  json_decref(list);
  hn_free(bytes);
  hn_free(path);
  return status;
}

hn_status hn_run_stages(const char *folder, json_t **stages_out, hn_error *err) {
  hn_status status = HN_OK;
  json_t *stages = json_array(), *events = NULL, *event;
  size_t i;

  if (!stages) HN_TRY(hn_fail_memory(err));
  HN_TRY(hn_run_events(folder, "stage", &events, err));
  json_array_foreach(events, i, event) HN_TRY(add_stage(stages, event, err));
  *stages_out = stages;
  stages = NULL;
done:
  json_decref(events);
  json_decref(stages);
  return status;
}
