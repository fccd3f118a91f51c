/* Folders whose names are labels: PATH/<label>/<file>. Audio and .txt lyrics with equal stems are
 * one track ("rap/01 Nas - NY.mp3" and "rap/01 Nas - NY.txt"); either may stand alone. Nothing
 * deeper than one folder is read. */
#include "corpora/import_files.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef enum { FILE_OTHER, FILE_AUDIO, FILE_LYRICS } file_kind;

static file_kind kind_of(const char *name) {
  if (strcasecmp(hn_path_suffix(name), ".txt") == 0) return FILE_LYRICS;
  return hn_name_is_audio(name) ? FILE_AUDIO : FILE_OTHER;
}

/* A file of a label's folder. */
typedef struct {
  char *stem;
  const char *name;
  file_kind kind;
} song_file;

static int compare_files(const void *a, const void *b) {
  const song_file *x = a, *y = b;
  int order = strcmp(x->stem, y->stem);
  return order ? order : strcmp(x->name, y->name);
}

/* One label's folder, while its files are paired up. */
typedef struct {
  hn_import *import;
  const char *label, *folder;
  int splits_names; /* "Artist - Title" */
  song_file *files; /* (n_files) by stem */
  size_t n_files;
} label_folder;

static hn_status list_files(label_folder *in, char *const *names, size_t n_names, hn_error *err) {
  hn_status status = HN_OK;
  char *path = NULL;
  HN_NEW(in->files, n_names, err);
  for (size_t i = 0; i < n_names; i++) {
    if (names[i][0] == '.') continue;
    hn_free(path);
    if (!(path = hn_path_join(in->folder, names[i]))) HN_TRY(hn_fail_memory(err));
    file_kind kind = kind_of(names[i]);
    const char *why = NULL;
    if (hn_file_is_folder(path))
      why = "is a folder inside a label's folder";
    else if (kind == FILE_OTHER)
      why = "is neither audio nor .txt lyrics";
    else if (hn_utf8_valid_length(names[i], strlen(names[i])) < strlen(names[i]))
      why = "has a name that is not UTF-8";
    if (why) {
      HN_TRY(hn_import_problem(in->import, err, "%s: %s; left out", path, why));
      continue;
    }
    song_file file = {hn_path_stem(names[i]), names[i], kind};
    if (!file.stem) HN_TRY(hn_fail_memory(err));
    in->files[in->n_files++] = file;
  }
  qsort(in->files, in->n_files, sizeof *in->files, compare_files);
done:
  hn_free(path);
  return status;
}

/* The files first … first + n - 1, all of one stem, as one track. */
static hn_status add_track(const label_folder *in, size_t first, size_t n, hn_error *err) {
  hn_status status = HN_OK;
  char *audio = NULL, *lyrics = NULL, *path = NULL, *stem = NULL;
  hn_buffer id = {0};
  hn_import_track track = {.year = HN_YEAR_MISSING, .extras = &in->label};
  for (size_t i = first; i < first + n; i++) {
    hn_free(path);
    if (!(path = hn_path_join(in->folder, in->files[i].name))) HN_TRY(hn_fail_memory(err));
    int is_second = in->files[i].kind == FILE_AUDIO ? audio != NULL : lyrics != NULL;
    if (is_second) {
      HN_TRY(hn_import_problem(in->import, err,
                               "%s: another file of this name and kind was taken; left out", path));
    } else if (in->files[i].kind == FILE_LYRICS) {
      HN_TRY(hn_import_read_text(in->import, path, NULL, &lyrics, err));
    } else {
      audio = path;
      path = NULL;
    }
  }
  if (!audio && !lyrics) goto done;
  hn_buffer_format(&id, "%s-%s", in->label, in->files[first].stem);
  HN_TRY(hn_buffer_status(&id, err));
  HN_DUP(stem, in->files[first].stem, err);
  track.title = stem;
  if (in->splits_names) hn_import_split_name(stem, &track.artist, &track.title);
  track.id = id.data;
  track.lyrics = lyrics;
  track.audio = audio;
  HN_TRY(hn_import_add(in->import, &track, err));
done:
  hn_buffer_free(&id);
  hn_free(stem);
  hn_free(path);
  hn_free(audio);
  hn_free(lyrics);
  return status;
}

static hn_status read_label(hn_import *import, const char *label, const char *folder,
                            const hn_options *options, hn_error *err) {
  hn_status status = HN_OK;
  label_folder in = {.import = import,
                     .label = label,
                     .folder = folder,
                     .splits_names = hn_options_is(options, "names", "artist-title")};
  char **names = NULL;
  size_t n_names = 0;
  HN_TRY(hn_folder_list(folder, &names, &n_names, err));
  HN_TRY(list_files(&in, names, n_names, err));
  if (in.n_files == 0)
    HN_TRY(hn_import_problem(import, err, "%s: no audio and no lyrics in this folder", folder));
  for (size_t i = 0, n; i < in.n_files; i += n) {
    for (n = 1; i + n < in.n_files && strcmp(in.files[i].stem, in.files[i + n].stem) == 0;) n++;
    HN_TRY(add_track(&in, i, n, err));
  }
done:
  for (size_t i = 0; i < in.n_files; i++) hn_free(in.files[i].stem);
  hn_free(in.files);
  hn_names_free(names, n_names);
  return status;
}

static hn_status run(hn_import *import, const char *path, const hn_options *options,
                     hn_error *err) {
  hn_status status = HN_OK;
  const char *column = hn_options_text(options, "label");
  char **names = NULL, *inner = NULL;
  size_t n_names = 0;
  if (!hn_file_is_folder(path))
    return hn_fail(err, HN_IO, "%s: no such folder; expected a folder with one folder a label",
                   path);
  /* Its lyrics/ would be a label the next time. */
  if (hn_import_same_folder(path, hn_import_folder(import)))
    return hn_fail(err, HN_INVALID,
                   "%s: the output folder is the folder to read; choose another one", path);
  HN_TRY(hn_import_columns(import, &column, 1, err));
  HN_TRY(hn_folder_list(path, &names, &n_names, err));
  for (size_t i = 0; i < n_names; i++) {
    hn_free(inner);
    if (!(inner = hn_path_join(path, names[i]))) HN_TRY(hn_fail_memory(err));
    if (names[i][0] == '.' || hn_import_same_folder(inner, hn_import_folder(import))) continue;
    if (!hn_file_is_folder(inner))
      HN_TRY(hn_import_problem(import, err, "%s: is in no label's folder; left out", inner));
    else if (hn_utf8_valid_length(names[i], strlen(names[i])) < strlen(names[i]))
      HN_TRY(hn_import_problem(import, err, "%s: has a name that is not UTF-8; left out", inner));
    else
      HN_TRY(read_label(import, names[i], inner, options, err));
  }
done:
  hn_free(inner);
  hn_names_free(names, n_names);
  return status;
}

static const hn_option_spec specs[] = {
    {.name = "label",
     .type = HN_OPTION_TEXT,
     .default_text = "label",
     .help = "name of the column that holds the folders' names"},
    {.name = "names",
     .type = HN_OPTION_CHOICE,
     .default_text = "artist-title",
     .choices = "artist-title|title",
     .help = "how a file is named: \"Artist - Title\" (a number before it is left out) or a title"},
    {.name = NULL},
};

const hn_importer hn_importer_folders = {
    .name = "folders",
    .help = "folders named by label, with audio and .txt lyrics of equal names in them",
    .options = specs,
    .run = run,
};
