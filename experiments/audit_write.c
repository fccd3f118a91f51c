#include "experiments/audit.h"

#include "base/memory.h"
#include "base/table.h"
#include "experiments/shortcuts.h"

#include <math.h>
#include <string.h>

/* What a list of the report names at most; the CSV has all. */
enum { MAX_LISTED = 10, MAX_COLUMNS = 8, MAX_ROWS = 16 };

static int is_read(const hn_audit_track *t) {
  return t->has_audio && t->status == HN_OK;
}

static int is_silent(const hn_audit_track *t) {
  return is_read(t) && t->quality.peak < HN_AUDIT_SILENT_DB;
}

/* Half a millisecond of grace for clips that end with the song. */
static int is_short(const hn_audit *audit, const hn_audit_track *t) {
  const hn_clip *clip = &audit->options.clip;
  return is_read(t) && t->quality.info.seconds < clip->to - clip->from - 5e-4;
}

/* One kind of finding: `describe` appends what is found in track i, without a new line, or nothing.
 */
typedef void describe_function(const hn_audit *audit, size_t i, hn_buffer *out);

static void describe_failure(const hn_audit *audit, size_t i, hn_buffer *out) {
  if (audit->tracks[i].status != HN_OK) hn_buffer_text(out, audit->tracks[i].err.message);
}

static void describe_warning(const hn_audit *audit, size_t i, hn_buffer *out) {
  if (is_read(&audit->tracks[i])) hn_buffer_text(out, audit->tracks[i].quality.info.warning);
}

static void describe_shortness(const hn_audit *audit, size_t i, hn_buffer *out) {
  const hn_audit_track *t = &audit->tracks[i];
  if (is_short(audit, t))
    hn_buffer_format(out, "%.2f s of the clip's %.2f s", t->quality.info.seconds,
                     audit->options.clip.to - audit->options.clip.from);
}

static void describe_silence(const hn_audit *audit, size_t i, hn_buffer *out) {
  const hn_audit_track *t = &audit->tracks[i];
  if (is_silent(t)) hn_buffer_format(out, "peak %.1f dB", t->quality.peak);
}

static void describe_clipping(const hn_audit *audit, size_t i, hn_buffer *out) {
  const hn_audit_track *t = &audit->tracks[i];
  if (is_read(t) && t->quality.clipped > HN_AUDIT_CLIPPED)
    hn_buffer_format(out, "%.2f %% clipped", 100 * t->quality.clipped);
}

static void describe_same(const hn_audit *audit, size_t first, const char *what, hn_buffer *out) {
  if (first != (size_t)-1)
    hn_buffer_format(out, "the same %s as %s", what, hn_manifest_track(audit->manifest, first)->id);
}

static void describe_same_audio(const hn_audit *audit, size_t i, hn_buffer *out) {
  describe_same(audit, audit->tracks[i].same_audio, "audio file", out);
}

static void describe_same_lyrics(const hn_audit *audit, size_t i, hn_buffer *out) {
  describe_same(audit, audit->tracks[i].same_lyrics, "lyrics", out);
}

static void describe_blank_lyrics(const hn_audit *audit, size_t i, hn_buffer *out) {
  if (audit->tracks[i].lyrics_are_blank) hn_buffer_text(out, "lyrics without a word");
}

static const struct {
  const char *title;
  describe_function *describe;
} findings[] = {{"cannot be read", describe_failure},
                {"cut or damaged", describe_warning},
                {"shorter than the clip", describe_shortness},
                {"silent", describe_silence},
                {"clipped", describe_clipping},
                {"audio there twice", describe_same_audio},
                {"lyrics without a word", describe_blank_lyrics},
                {"lyrics there twice", describe_same_lyrics}};
enum { N_FINDINGS = sizeof findings / sizeof *findings };

static void write_problems(const hn_audit *audit, hn_buffer *out) {
  size_t n = hn_manifest_n_problems(audit->manifest);
  if (n) hn_buffer_format(out, "\nwrong in the manifest: %zu\n", n);
  for (size_t i = 0; i < n && i < MAX_LISTED; i++)
    hn_buffer_format(out, "  %s\n", hn_manifest_problem_at(audit->manifest, i)->text);
  if (n > MAX_LISTED) hn_buffer_format(out, "  … and %zu more\n", n - MAX_LISTED);
}

static hn_status write_finding(const hn_audit *audit, size_t f, hn_buffer *out, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer text = {0}, list = {0};
  size_t n = 0;
  for (size_t i = 0; i < hn_manifest_n_tracks(audit->manifest); i++) {
    hn_buffer_clear(&text);
    findings[f].describe(audit, i, &text);
    if (text.length == 0 || n++ >= MAX_LISTED) continue;
    hn_buffer_format(&list, "  %s  %s\n", hn_manifest_track(audit->manifest, i)->id, text.data);
  }
  HN_TRY(hn_buffer_status(&text, err));
  HN_TRY(hn_buffer_status(&list, err));
  if (n) hn_buffer_format(out, "\n%s: %zu\n%s", findings[f].title, n, list.data);
  if (n > MAX_LISTED) hn_buffer_format(out, "  … and %zu more\n", n - MAX_LISTED);
done:
  hn_buffer_free(&text);
  hn_buffer_free(&list);
  return status;
}

static void write_counts(const hn_audit *audit, hn_buffer *out) {
  size_t n = hn_manifest_n_tracks(audit->manifest), n_audio = 0, n_read = 0, n_lyrics = 0;
  for (size_t i = 0; i < n; i++) {
    n_audio += (size_t)audit->tracks[i].has_audio;
    n_read += (size_t)is_read(&audit->tracks[i]);
    n_lyrics += hn_manifest_track(audit->manifest, i)->lyrics != NULL;
  }
  hn_buffer_format(out, "%s: %zu tracks, %zu with audio (%zu read), %zu with lyrics\n",
                   hn_manifest_path(audit->manifest), n, n_audio, n_read, n_lyrics);
}

/* Properties of a recording, as words that can be counted. */
typedef void value_function(const hn_quality *quality, hn_buffer *out);

static void value_rate(const hn_quality *q, hn_buffer *out) {
  hn_buffer_format(out, "%d", q->info.rate);
}

static void value_channels(const hn_quality *q, hn_buffer *out) {
  hn_buffer_format(out, "%d", q->info.channels);
}

static void value_format(const hn_quality *q, hn_buffer *out) {
  hn_buffer_text(out, q->info.format);
}

static void value_bandwidth(const hn_quality *q, hn_buffer *out) {
  hn_buffer_format(out, "%.0f", round(q->bandwidth / 1000));
}

/* Steps of 3 dB, by their middle. */
static void value_level(const hn_quality *q, hn_buffer *out) {
  if (q->peak < HN_AUDIT_SILENT_DB)
    hn_buffer_text(out, "silent");
  else
    hn_buffer_format(out, "%.0f", 3 * round(q->level / 3) + 0.0);
}

static void value_clipped(const hn_quality *q, hn_buffer *out) {
  hn_buffer_text(out, q->clipped > HN_AUDIT_CLIPPED ? "yes" : "no");
}

static const struct {
  const char *name, *unit;
  value_function *value;
} properties[] = {{"sample rate", ", Hz", value_rate},   {"channels", "", value_channels},
                  {"format", "", value_format},          {"bandwidth", ", kHz", value_bandwidth},
                  {"level", ", dB, ± 1.5", value_level}, {"clipped", "", value_clipped}};
enum { N_PROPERTIES = sizeof properties / sizeof *properties };

static hn_status list_values(const hn_audit *audit, value_function *value, hn_labels *values,
                             hn_error *err) {
  hn_status status = HN_OK;
  const size_t n = hn_manifest_n_tracks(audit->manifest);
  hn_buffer text = {0};
  char **texts = NULL;
  HN_NEW(texts, n, err);
  for (size_t i = 0; i < n; i++) {
    if (!is_read(&audit->tracks[i])) continue;
    value(&audit->tracks[i].quality, &text);
    HN_TRY(hn_buffer_steal(&text, &texts[i], NULL, err));
  }
  status = hn_labels_encode((const char *const *)texts, n, values, err);
done:
  hn_buffer_free(&text);
  for (size_t i = 0; texts && i < n; i++) hn_free(texts[i]);
  hn_free(texts);
  return status;
}

/* How often each value comes with each class; without classes, how often it comes. */
static void write_table(const hn_audit *audit, size_t p, const hn_labels *values, hn_buffer *out) {
  const hn_labels *labels = &audit->labels;
  const size_t n_classes = labels->n_classes ? labels->n_classes : 1;
  hn_buffer_format(out, "%s%s\n", properties[p].name, properties[p].unit);
  for (size_t v = 0; v < values->n_classes && v < MAX_ROWS; v++) {
    hn_buffer_format(out, "  %-18s", values->classes[v]);
    for (size_t k = 0; k < n_classes && k < MAX_COLUMNS; k++) {
      size_t count = 0;
      for (size_t i = 0; i < values->n; i++)
        count +=
            values->values[i] == (int32_t)v && (!labels->values || labels->values[i] == (int32_t)k);
      hn_buffer_format(out, " %11zu", count);
    }
    hn_buffer_byte(out, '\n');
  }
  if (values->n_classes > MAX_ROWS)
    hn_buffer_format(out, "  … and %zu more\n", values->n_classes - MAX_ROWS);
}

static void write_header(const hn_audit *audit, hn_buffer *out) {
  const hn_labels *labels = &audit->labels;
  if (!labels->values) {
    hn_buffer_format(out, "\n%-20s %11s\n", "songs by", "songs");
    return;
  }
  hn_buffer_format(out, "\nsongs by %-11s", audit->options.target);
  for (size_t k = 0; k < labels->n_classes && k < MAX_COLUMNS; k++)
    hn_buffer_format(out, " %11.11s", labels->classes[k]);
  if (labels->n_classes > MAX_COLUMNS)
    hn_buffer_format(out, "  … and %zu more", labels->n_classes - MAX_COLUMNS);
  hn_buffer_byte(out, '\n');
}

static hn_status write_shortcuts(const hn_audit *audit, const hn_labels values[N_PROPERTIES],
                                 hn_buffer *out, hn_error *err) {
  hn_status status = HN_OK;
  const hn_labels *labels = &audit->labels;
  hn_shortcut s;
  size_t n_shortcuts = 0;
  hn_buffer_format(out, "\n%-20s %11s %11s\n", "what tells the class", "accuracy", "Cramer's V");
  for (size_t p = 0; p < N_PROPERTIES; p++) {
    HN_TRY(hn_shortcut_measure(labels->values, labels->n_classes, values[p].values,
                               values[p].n_classes, labels->n, &s, err));
    if (p == 0) hn_buffer_format(out, "%-20s %9.1f %%\n", "(the largest class)", 100 * s.majority);
    hn_buffer_format(out, "%-20s %9.1f %% %11.2f%s\n", properties[p].name, 100 * s.accuracy,
                     s.cramers_v, s.is_shortcut ? "  <- a shortcut" : "");
    n_shortcuts += (size_t)s.is_shortcut;
  }
  if (n_shortcuts)
    hn_buffer_format(
        out, "\nA network will learn such a shortcut instead of the music. Take songs of one "
             "source, or\nbring all to the same rate, bandwidth and level, before you "
             "believe its accuracy.\n");
done:
  return status;
}

static hn_status write_properties(const hn_audit *audit, hn_buffer *out, hn_error *err) {
  hn_status status = HN_OK;
  hn_labels values[N_PROPERTIES] = {0};
  for (size_t p = 0; p < N_PROPERTIES; p++)
    HN_TRY(list_values(audit, properties[p].value, &values[p], err));
  if (values[0].n_classes == 0) goto done; /* no song was read */
  write_header(audit, out);
  for (size_t p = 0; p < N_PROPERTIES; p++) write_table(audit, p, &values[p], out);
  if (audit->labels.n_classes > 1) HN_TRY(write_shortcuts(audit, values, out, err));
done:
  for (size_t p = 0; p < N_PROPERTIES; p++) hn_labels_free(&values[p]);
  return status;
}

hn_status hn_audit_text(const hn_audit *audit, hn_buffer *out, hn_error *err) {
  hn_status status = HN_OK;
  write_counts(audit, out);
  write_problems(audit, out);
  for (size_t f = 0; f < N_FINDINGS; f++) HN_TRY(write_finding(audit, f, out, err));
  HN_TRY(write_properties(audit, out, err));
  status = hn_buffer_status(out, err);
done:
  return status;
}

static void write_quality(const hn_audit_track *t, hn_buffer *out) {
  const hn_quality *q = &t->quality;
  if (!is_read(t)) {
    hn_buffer_text(out, ",,,,,,,,");
    return;
  }
  hn_csv_cell(out, q->info.format, 0);
  hn_buffer_format(out, ",%d,%d,%.3f,%.0f", q->info.rate, q->info.channels, q->info.seconds,
                   q->bandwidth);
  if (isinf(q->peak))
    hn_buffer_text(out, ",,");
  else
    hn_buffer_format(out, ",%.2f,%.2f", q->level, q->peak);
  hn_buffer_format(out, ",%.6f", q->clipped);
}

/* All that was found in track i, in place of what the buffer held. */
static hn_status list_problems(const hn_audit *audit, size_t i, hn_buffer *problems,
                               hn_error *err) {
  hn_buffer text = {0};
  hn_buffer_clear(problems);
  for (size_t f = 0; f < N_FINDINGS; f++) {
    hn_buffer_clear(&text);
    findings[f].describe(audit, i, &text);
    if (text.length) hn_buffer_format(problems, "%s%s", problems->length ? "; " : "", text.data);
  }
  hn_status status = hn_buffer_status(&text, err);
  hn_buffer_free(&text);
  return status == HN_OK ? hn_buffer_status(problems, err) : status;
}

hn_status hn_audit_csv(const hn_audit *audit, hn_buffer *out, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer problems = {0};
  hn_buffer_text(out, "track_id");
  if (audit->options.target) hn_csv_cell(out, audit->options.target, 0);
  hn_buffer_text(out, ",audio,format,rate,channels,seconds,bandwidth,level,peak,clipped,lyrics,"
                      "problems\n");
  for (size_t i = 0; i < hn_manifest_n_tracks(audit->manifest); i++) {
    const hn_track *track = hn_manifest_track(audit->manifest, i);
    const hn_labels *labels = &audit->labels;
    hn_csv_cell(out, track->id, 1);
    if (labels->values)
      hn_csv_cell(out, labels->values[i] < 0 ? "" : labels->classes[labels->values[i]], 0);
    hn_csv_cell(out, track->audio ? track->audio : "", 0);
    write_quality(&audit->tracks[i], out);
    hn_csv_cell(out, track->lyrics ? track->lyrics : "", 0);
    HN_TRY(list_problems(audit, i, &problems, err));
    hn_csv_cell(out, problems.length ? problems.data : "", 0);
    hn_buffer_byte(out, '\n');
  }
  status = hn_buffer_status(out, err);
done:
  hn_buffer_free(&problems);
  return status;
}
