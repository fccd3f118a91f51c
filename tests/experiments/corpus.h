/* A corpus of twelve songs by six artists in a scratch folder, for the tests of a study's parts. */
#ifndef HN_TESTS_EXPERIMENTS_CORPUS_H
#define HN_TESTS_EXPERIMENTS_CORPUS_H

#include "experiments/songs.h"

#include "tests/support.h"

/* Artists A, B, C come from East, D, E, F from West, two songs each: t0 and t1 are by A. t2 (B)
 * has the guest D, t11 (F) the guest A; t9 lacks its region. Years ascend, that of t4 is missing.
 */
static const char corpus_rows[] = "track_id,title,artist,featured,year,region,source,lyrics\n"
                                  "t0,One,A,,2000,East,x,t0.txt\n"
                                  "t1,Two,A,,2001,East,x,t1.txt\n"
                                  "t2,Three,B,D,2002,East,x,t2.txt\n"
                                  "t3,Four,B,,2003,East,y,t3.txt\n"
                                  "t4,Five,C,,,East,y,t4.txt\n"
                                  "t5,Six,C,,2005,East,y,t5.txt\n"
                                  "t6,Seven,D,,2006,West,x,t6.txt\n"
                                  "t7,Eight,D,,2007,West,x,t7.txt\n"
                                  "t8,Nine,E,,2008,West,x,t8.txt\n"
                                  "t9,Ten,E,,2009,,y,t9.txt\n"
                                  "t10,Eleven,F,,2010,West,y,t10.txt\n"
                                  "t11,Twelve (feat. A),F,,2011,West,y,\n";
enum { N_CORPUS_SONGS = 12 };

static const char corpus_lyrics[] = "[Verse 1]\nown words stay\n[Verse 2: D]\nguest words go\n";

/* Write the corpus and enter its folder. */
static void write_corpus(const char *folder) {
  assert_int_equal(chdir(folder), 0);
  assert_int_equal(hn_file_write("m.csv", corpus_rows, strlen(corpus_rows), NULL), HN_OK);
  for (int i = 0; i < N_CORPUS_SONGS - 1; i++) {
    char name[32];
    snprintf(name, sizeof name, "t%d.txt", i);
    assert_int_equal(hn_file_write(name, corpus_lyrics, strlen(corpus_lyrics), NULL), HN_OK);
  }
}

#define CORPUS_STUDY                                                                               \
  "name: s\ntarget: region\ncorpus: {manifest: m.csv}\n"                                           \
  "models: {lyrics: {features: tfidf, classifier: forest}}\n"

static inline hn_study *read_corpus_study(const char *more) {
  hn_error problem;
  hn_study *study = NULL;
  char text[2000];
  snprintf(text, sizeof text, "%s%s", CORPUS_STUDY, more);
  if (hn_study_parse("s.yaml", text, strlen(text), NULL, 0, &study, &problem) != HN_OK)
    fail_msg("%s", problem.message);
  return study;
}

/* Is there a note of an object with this part? */
static inline int has_note(const json_t *object, const char *part) {
  size_t i;
  json_t *note;
  json_array_foreach(json_object_get(object, "notes"), i,
                     note) if (strstr(json_string_value(note), part)) return 1;
  return 0;
}

#endif
