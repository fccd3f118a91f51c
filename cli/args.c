#include "cli/args.h"

#include "base/memory.h"
#include "base/threads.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const hn_flag common_flags[] = {
    {"threads", 0, "N", "threads to use (default: all processors)"},
    {"seed", 0, "S", "seed of every random stream (default: 0)"},
    {"help", 'h', NULL, "this help"},
    {NULL, 0, NULL, NULL}};

static int same_name(const char *flag, const char *given, size_t n) {
  size_t i = 0;
  for (; i < n && flag[i]; i++)
    if (flag[i] != given[i] && !(flag[i] == '-' && given[i] == '_')) return 0;
  return i == n && !flag[i];
}

static const hn_flag *find_flag(const hn_flag *flags, const char *given, size_t n, int is_letter) {
  for (const hn_flag *f = flags; f->name; f++)
    if (is_letter ? n == 1 && f->letter == given[0] : same_name(f->name, given, n)) return f;
  return NULL;
}

static hn_status read_whole(const char *flag, const char *text, uint64_t max, uint64_t *value_out,
                            hn_error *err) {
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (errno || end == text || *end || text[0] == '-' || value > max)
    return hn_fail(err, HN_INVALID,
                   "--%s: \"%s\" is not allowed; expected a whole number from 0 to %" PRIu64, flag,
                   text, max);
  *value_out = value;
  return HN_OK;
}

static hn_status take_flag(hn_args *args, const hn_flag *flag, const char *value, hn_error *err) {
  uint64_t n_threads = 0;
  hn_status status = HN_OK;
  args->flag_names[args->n_flags] = flag->name;
  args->flag_values[args->n_flags++] = value ? value : "";
  if (strcmp(flag->name, "help") == 0) args->wants_help = 1;
  if (strcmp(flag->name, "seed") == 0)
    status = read_whole("seed", value, UINT64_MAX, &args->seed, err);
  if (strcmp(flag->name, "threads") == 0) {
    status = read_whole("threads", value, 1024, &n_threads, err);
    if (status == HN_OK) hn_threads_set((int)n_threads);
  }
  return status;
}

static hn_status take_option(hn_args *args, const char *name, const char *value, hn_error *err) {
  for (size_t t = 0; t < args->n_tables; t++) {
    if (!hn_option_find(hn_options_specs(args->tables[t]), name)) continue;
    hn_error inner = {0};
    if (!value) return hn_fail(err, HN_INVALID, "--%s needs a value", name);
    hn_status status = hn_options_set(args->tables[t], name, value, &inner);
    return status == HN_OK ? HN_OK : hn_fail(err, status, "--%s", inner.message);
  }
  return hn_fail(err, HN_INVALID, "--%s is not known here; see --help", name);
}

hn_status hn_args_parse(hn_args *args, const hn_syntax *syntax, int argc, char **argv,
                        hn_error *err) {
  hn_status status = HN_OK;
  int only_files = 0;
  args->syntax = syntax;
  HN_NEW(args->files, (size_t)argc + 1, err);
  HN_NEW(args->flag_names, (size_t)argc + 1, err);
  HN_NEW(args->flag_values, (size_t)argc + 1, err);
  for (int i = 0; i < argc; i++) {
    const char *given = argv[i];
    if (only_files || given[0] != '-' || !given[1]) {
      args->files[args->n_files++] = given;
      continue;
    }
    if (strcmp(given, "--") == 0) {
      only_files = 1;
      continue;
    }
    int is_letter = given[1] != '-';
    const char *name = given + (is_letter ? 1 : 2), *equals = strchr(name, '=');
    size_t n = equals ? (size_t)(equals - name) : strlen(name);
    const hn_flag *flag = find_flag(syntax->flags, name, n, is_letter);
    if (!flag) flag = find_flag(common_flags, name, n, is_letter);
    if (flag && !flag->value) {
      if (equals) HN_TRY(hn_fail(err, HN_INVALID, "--%s takes no value", flag->name));
      HN_TRY(take_flag(args, flag, NULL, err));
      continue;
    }
    const char *value = equals ? equals + 1 : i + 1 < argc ? argv[++i] : NULL;
    if (flag) {
      if (!value) HN_TRY(hn_fail(err, HN_INVALID, "%s needs a value: %s", given, flag->value));
      HN_TRY(take_flag(args, flag, value, err));
    } else if (is_letter) {
      HN_TRY(hn_fail(err, HN_INVALID, "%s is not known here; see --help", given));
    } else {
      char *option = hn_strndup(name, n);
      status = option ? take_option(args, option, value, err) : hn_fail_memory(err);
      hn_free(option);
      if (status != HN_OK) goto done;
    }
  }
  if (!args->wants_help && args->n_files < syntax->min_files)
    status = hn_fail(err, HN_INVALID, "too few arguments; usage: %s", syntax->usage);
  if (!args->wants_help && args->n_files > syntax->max_files)
    status = hn_fail(err, HN_INVALID, "\"%s\" is one argument too many; usage: %s",
                     args->files[syntax->max_files], syntax->usage);
done:
  return status;
}

void hn_args_free(hn_args *args) {
  hn_free(args->files);
  hn_free(args->flag_names);
  hn_free(args->flag_values);
  for (size_t t = 0; t < args->n_tables; t++) hn_options_destroy(args->tables[t]);
  *args = (hn_args){0};
}

const char *hn_args_get(const hn_args *args, const char *name) {
  for (size_t i = args->n_flags; i > 0; i--)
    if (strcmp(args->flag_names[i - 1], name) == 0) return args->flag_values[i - 1];
  return NULL;
}

size_t hn_args_all(const hn_args *args, const char *name, const char **values_out) {
  size_t n = 0;
  for (size_t i = 0; i < args->n_flags; i++)
    if (strcmp(args->flag_names[i], name) == 0) values_out[n++] = args->flag_values[i];
  return n;
}

/* Does the command have a flag or an option of this name, which then stands for the common one? */
static int has_own(const hn_args *args, const char *name) {
  for (size_t t = 0; t < args->n_tables; t++)
    if (hn_option_find(hn_options_specs(args->tables[t]), name)) return 1;
  return find_flag(args->syntax->flags, name, strlen(name), 0) != NULL;
}

static void print_flags(const hn_args *args, const hn_flag *flags) {
  for (const hn_flag *f = flags; f->name; f++) {
    char left[64];
    if (flags == common_flags && has_own(args, f->name)) continue;
    snprintf(left, sizeof left, "%c%c%s--%s%s%s", f->letter ? '-' : ' ',
             f->letter ? f->letter : ' ', f->letter ? ", " : "  ", f->name, f->value ? " " : "",
             f->value ? f->value : "");
    printf("  %-32s %s\n", left, f->help);
  }
}

void hn_args_print_help(const hn_args *args) {
  const hn_syntax *s = args->syntax;
  printf("usage: %s\n\n%s\n\n", s->usage, s->summary);
  print_flags(args, s->flags);
  print_flags(args, common_flags);
  for (size_t t = 0; t < args->n_tables; t++) {
    if (t == 0) printf("\noptions (with their defaults)\n");
    for (const hn_option_spec *o = hn_options_specs(args->tables[t]); o->name; o++) {
      char left[64];
      snprintf(left, sizeof left, "    --%s %s", o->name,
               hn_options_text(args->tables[t], o->name));
      printf("  %-40s %s%s%s\n", left, o->help, o->choices ? "; " : "",
             o->choices ? o->choices : "");
    }
  }
  if (s->example) printf("\nexample: %s\n", s->example);
}
