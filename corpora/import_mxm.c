/* The musiXmatch dataset (http://millionsongdataset.com/musixmatch/): bags of words, joined with
 * what the Million Song Dataset says of their tracks. Read from the folder:
 *
 *   mxm_dataset_train.txt, mxm_dataset_test.txt    bags, all with one vocabulary
 *   unique_tracks.txt        track<SEP>song<SEP>artist<SEP>title
 *   mxm_779k_matches.txt     track<SEP>artist<SEP>title<SEP>musiXmatch's id, artist and title
 *   tracks_per_year.txt      year<SEP>track<SEP>artist<SEP>title
 *   *.cls                    track, tab, genre (the annotations of tagtraum or MASD)
 *
 * each plain or gzip (".gz"), all but the bags optional. A path to one file of bags reads that
 * file, with the other files beside it. Written: bags.txt beside the manifest, for the key
 * corpus.bow of a study. */
#include "corpora/import_files.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "corpora/bags.h"
#include "corpora/cells.h"

#include <stdlib.h>
#include <string.h>

#define SEPARATOR "<SEP>"
enum { MAX_FIELDS = 8 };

/* A track with a bag, which is bytes start … end - 1 of bags.txt; texts owned. */
typedef struct {
  char *id, *artist, *title, *genre;
  int year, is_twin; /* an earlier bag has this id */
  size_t start, end;
} song;

typedef struct {
  hn_import *import;
  const char *folder;
  hn_bags first; /* the bags of the first file: their vocabulary is everybody's */
  hn_buffer out; /* bags.txt */
  song *songs;   /* in the order of the bags */
  size_t n_songs, songs_capacity;
  song **sorted; /* (n_sorted) by id, without twins */
  size_t n_sorted;
} dataset;

static hn_status list_problem(void *context, const char *message, hn_error *err) {
  return hn_import_problem(context, err, "%s; left out", message);
}

static void write_bag(const hn_bags *bags, size_t row, hn_buffer *out) {
  hn_buffer_text(out, bags->ids[row]);
  for (int64_t k = bags->counts.indptr[row]; k < bags->counts.indptr[row + 1]; k++)
    hn_buffer_format(out, ",%d:%.0f", bags->counts.indices[k] + 1, (double)bags->counts.values[k]);
  hn_buffer_byte(out, '\n');
}

static int same_vocabulary(const hn_bags *a, const hn_bags *b) {
  if (a->n_terms != b->n_terms) return 0;
  for (size_t t = 0; t < a->n_terms; t++)
    if (strcmp(a->terms[t], b->terms[t]) != 0) return 0;
  return 1;
}

/* Take over a file's bags: into bags.txt and the list of songs. */
static hn_status take_bags(dataset *d, const hn_bags *bags, hn_error *err) {
  hn_status status = HN_OK;
  if (d->out.length == 0) {
    for (size_t t = 0; t < bags->n_terms; t++)
      hn_buffer_format(&d->out, "%c%s", t ? ',' : '%', bags->terms[t]);
    hn_buffer_byte(&d->out, '\n');
  }
  for (size_t i = 0; i < bags->n_rows; i++) {
    HN_GROW(d->songs, d->n_songs, d->songs_capacity, err);
    song *s = &d->songs[d->n_songs];
    *s = (song){.year = HN_YEAR_MISSING, .start = d->out.length};
    HN_DUP(s->id, bags->ids[i], err);
    d->n_songs++;
    write_bag(bags, i, &d->out);
    s->end = d->out.length;
  }
  status = hn_buffer_status(&d->out, err);
done:
  return status;
}

static hn_status read_bags(dataset *d, const char *path, hn_error *err) {
  hn_status status = HN_OK;
  hn_bags bags = {0};
  hn_error why;
  status = hn_bags_read_good(path, list_problem, d->import, &bags, &why);
  if (status == HN_NO_MEMORY) return hn_fail_memory(err);
  if (status != HN_OK) return hn_import_problem(d->import, err, "%s; left out", why.message);
  if (d->first.n_terms && !same_vocabulary(&d->first, &bags)) {
    HN_TRY(hn_import_problem(d->import, err,
                             "%s: has another vocabulary than the file before it; left out", path));
  } else {
    HN_TRY(take_bags(d, &bags, err));
    if (d->first.n_terms == 0) {
      d->first = bags;
      bags = (hn_bags){0};
    }
  }
done:
  hn_bags_free(&bags);
  return status;
}

/* folder/name, or folder/name.gz, or NULL where neither is there. */
static hn_status find_file(const char *folder, const char *name, char **path_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer path = {0};
  *path_out = NULL;
  hn_buffer_format(&path, "%s/%s", folder, name);
  HN_TRY(hn_buffer_status(&path, err));
  if (!hn_file_exists(path.data)) hn_buffer_text(&path, ".gz");
  HN_TRY(hn_buffer_status(&path, err));
  if (hn_file_exists(path.data)) HN_TRY(hn_buffer_steal(&path, path_out, NULL, err));
done:
  hn_buffer_free(&path);
  return status;
}

static int compare_songs(const void *a, const void *b) {
  const song *x = *(song *const *)a, *y = *(song *const *)b;
  int order = strcmp(x->id, y->id);
  return order ? order : (x > y) - (x < y);
}

static int compare_key(const void *key, const void *item) {
  return strcmp(key, (*(song *const *)item)->id);
}

/* Sort the songs by id; of equal ids the first bag stays. */
static hn_status sort_songs(dataset *d, hn_error *err) {
  hn_status status = HN_OK;
  HN_NEW(d->sorted, d->n_songs, err);
  for (size_t i = 0; i < d->n_songs; i++) d->sorted[i] = &d->songs[i];
  qsort(d->sorted, d->n_songs, sizeof *d->sorted, compare_songs);
  for (size_t i = 0; i < d->n_songs; i++) {
    song *s = d->sorted[i];
    s->is_twin = d->n_sorted && strcmp(d->sorted[d->n_sorted - 1]->id, s->id) == 0;
    if (!s->is_twin)
      d->sorted[d->n_sorted++] = s;
    else
      HN_TRY(hn_import_problem(d->import, err, "%s: a second bag of the track %s; left out",
                               d->folder, s->id));
  }
done:
  return status;
}

/* How one kind of file is laid out: the number of the field for each thing, from 0; -1: not there.
 */
typedef struct {
  const char *separator;
  int n_fields, id, artist, title, year, genre;
} layout;

static int split(char *line, const char *separator, char **fields) {
  int n = 0;
  for (char *at = line; at && n < MAX_FIELDS; n++) {
    char *end = strstr(at, separator);
    fields[n] = at;
    if (end) *end = 0;
    at = end ? end + strlen(separator) : NULL;
  }
  return n;
}

/* The first file that knows something of a track is believed. */
static hn_status keep(char **text, const char *found, hn_error *err) {
  if (*text || !*found) return HN_OK;
  *text = hn_strdup(found);
  return *text ? HN_OK : hn_fail_memory(err);
}

static hn_status read_fields(dataset *d, const char *path, size_t number, char *line,
                             const layout *l, hn_error *err) {
  hn_status status = HN_OK;
  char *fields[MAX_FIELDS];
  size_t length = strlen(line);
  int is_text = hn_utf8_valid_length(line, length) == length;
  if (*line == 0 || *line == '#') return HN_OK;
  if (!is_text || split(line, l->separator, fields) < l->n_fields)
    return hn_import_problem(d->import, err, "%s:%zu: %s; line left out", path, number,
                             is_text ? "has too few fields" : "is not UTF-8 text");
  song *const *found =
      bsearch(fields[l->id], d->sorted, d->n_sorted, sizeof *d->sorted, compare_key);
  if (!found) return HN_OK;
  song *s = *found;
  if (l->artist >= 0) HN_TRY(keep(&s->artist, fields[l->artist], err));
  if (l->title >= 0) HN_TRY(keep(&s->title, fields[l->title], err));
  if (l->genre >= 0) HN_TRY(keep(&s->genre, fields[l->genre], err));
  if (l->year >= 0 && strcmp(fields[l->year], "0") != 0 &&
      !hn_cell_parse_year(fields[l->year], &s->year))
    HN_TRY(hn_import_problem(d->import, err, "%s:%zu: \"%.40s\" is not a year; left empty", path,
                             number, fields[l->year]));
done:
  return status;
}

static hn_status read_metadata(dataset *d, const char *path, const layout *l, hn_error *err) {
  hn_status status = HN_OK;
  char *bytes = NULL, *at, *line;
  size_t n;
  hn_error why;
  status = hn_file_read_gzip(path, &bytes, &n, &why);
  if (status == HN_NO_MEMORY) return hn_fail_memory(err);
  if (status != HN_OK) return hn_import_problem(d->import, err, "%s; left out", why.message);
  at = bytes;
  for (size_t number = 1; (line = hn_next_line(&at)); number++)
    HN_TRY(read_fields(d, path, number, line, l, err));
done:
  hn_free(bytes);
  return status;
}

static hn_status read_all_metadata(dataset *d, hn_error *err) {
  static const struct {
    const char *name;
    layout layout;
  } files[] = {{"unique_tracks.txt", {SEPARATOR, 4, 0, 2, 3, -1, -1}},
               {"mxm_779k_matches.txt", {SEPARATOR, 3, 0, 1, 2, -1, -1}},
               {"tracks_per_year.txt", {SEPARATOR, 4, 1, 2, 3, 0, -1}}};
  static const layout genres = {"\t", 2, 0, -1, -1, -1, 1};
  hn_status status = HN_OK;
  char **names = NULL, *path = NULL;
  size_t n_names = 0;
  for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
    hn_free(path);
    HN_TRY(find_file(d->folder, files[f].name, &path, err));
    if (path) HN_TRY(read_metadata(d, path, &files[f].layout, err));
  }
  HN_TRY(hn_folder_list(d->folder, &names, &n_names, err));
  for (size_t i = 0; i < n_names; i++) {
    if (!strstr(names[i], ".cls")) continue;
    hn_free(path);
    if (!(path = hn_path_join(d->folder, names[i]))) HN_TRY(hn_fail_memory(err));
    HN_TRY(read_metadata(d, path, &genres, err));
  }
done:
  hn_free(path);
  hn_names_free(names, n_names);
  return status;
}

static hn_status add_songs(dataset *d, hn_error *err) {
  hn_status status = HN_OK;
  for (size_t i = 0; i < d->n_songs; i++) {
    const song *s = &d->songs[i];
    const char *extras[] = {s->genre};
    if (s->is_twin) continue;
    hn_import_track track = {
        .id = s->id, .title = s->title, .artist = s->artist, .year = s->year, .extras = extras};
    HN_TRY(hn_import_add(d->import, &track, err));
  }
done:
  return status;
}

/* bags.txt without the bags of twins. */
static hn_status write_bags(dataset *d, hn_error *err) {
  size_t length = d->songs[0].start;
  for (size_t i = 0; i < d->n_songs; i++) {
    const song *s = &d->songs[i];
    if (s->is_twin) continue;
    memmove(d->out.data + length, d->out.data + s->start, s->end - s->start);
    length += s->end - s->start;
  }
  char *path = hn_path_join(hn_import_folder(d->import), "bags.txt");
  if (!path) return hn_fail_memory(err);
  hn_status status = hn_file_write(path, d->out.data, length, err);
  hn_free(path);
  return status;
}

static hn_status read_all_bags(dataset *d, const char *path, hn_error *err) {
  static const char *const names[] = {"mxm_dataset_train.txt", "mxm_dataset_test.txt"};
  hn_status status = HN_OK;
  char *file = NULL;
  if (!hn_file_is_folder(path)) return read_bags(d, path, err);
  for (size_t i = 0; i < 2; i++) {
    hn_free(file);
    HN_TRY(find_file(path, names[i], &file, err));
    if (file) HN_TRY(read_bags(d, file, err));
  }
done:
  hn_free(file);
  return status;
}

static void free_dataset(dataset *d) {
  for (size_t i = 0; i < d->n_songs; i++) {
    hn_free(d->songs[i].id);
    hn_free(d->songs[i].artist);
    hn_free(d->songs[i].title);
    hn_free(d->songs[i].genre);
  }
  hn_free(d->songs);
  hn_free(d->sorted);
  hn_bags_free(&d->first);
  hn_buffer_free(&d->out);
}

static hn_status run(hn_import *import, const char *path, const hn_options *options,
                     hn_error *err) {
  static const char *const columns[] = {"genre"};
  hn_status status = HN_OK;
  dataset d = {.import = import};
  char *folder = NULL;
  (void)options;
  if (!hn_file_exists(path))
    return hn_fail(err, HN_IO,
                   "%s: no such file or folder; expected a folder with mxm_dataset_train.txt",
                   path);
  folder = hn_file_is_folder(path) ? hn_strdup(path) : hn_path_folder(path);
  if (!folder) return hn_fail_memory(err);
  d.folder = folder;
  HN_TRY(hn_import_columns(import, columns, 1, err));
  HN_TRY(read_all_bags(&d, path, err));
  if (d.n_songs == 0) goto done;
  HN_TRY(sort_songs(&d, err));
  HN_TRY(read_all_metadata(&d, err));
  HN_TRY(add_songs(&d, err));
  HN_TRY(write_bags(&d, err));
done:
  free_dataset(&d);
  hn_free(folder);
  return status;
}

static const hn_option_spec specs[] = {{.name = NULL}};

const hn_importer hn_importer_mxm = {
    .name = "mxm",
    .help = "musiXmatch's bags of words, with what the Million Song Dataset says of the tracks",
    .options = specs,
    .run = run,
};
