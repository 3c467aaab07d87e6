// A stack of work under a lock; see work-list.h.
#include "work-list.h"

#include <stddef.h>

#include "team.h"

enum {
  /** Waking a thread is worth so many items. */
  INVITES_FROM = 8,
  TEAM_MAX = 7,
};

void work_list_open(struct work_list *l,
                    void (*run)(struct work_list *, struct work_item *),
                    void *state) {
  *l = (struct work_list){.run = run, .state = state};
  pthread_mutex_init(&l->lock, NULL);
  pthread_cond_init(&l->changed, NULL);
}

void work_list_close(struct work_list *l) {
  pthread_cond_destroy(&l->changed);
  pthread_mutex_destroy(&l->lock);
}

void work_list_add(struct work_list *l, struct work_item *item) {
  pthread_mutex_lock(&l->lock);
  item->next = l->items;
  l->items = item;
  l->length++;
  l->unfinished++;
  if (l->waiting > 0)
    pthread_cond_signal(&l->changed);
  pthread_mutex_unlock(&l->lock);
}

void work_list_stop(struct work_list *l) {
  pthread_mutex_lock(&l->lock);
  l->stopped = true;
  pthread_cond_broadcast(&l->changed);
  pthread_mutex_unlock(&l->lock);
}

struct work_item *work_list_drop(struct work_list *l) {
  struct work_item *item = l->items;
  if (item != NULL)
    l->items = item->next;
  return item;
}

/** The next item, when the last one (if there was one) is done; NULL: nothing is left to do. */
static struct work_item *next(struct work_list *l, bool done, bool *many) {
  pthread_mutex_lock(&l->lock);
  if (done && --l->unfinished == 0)
    pthread_cond_broadcast(&l->changed);
  while (l->items == NULL && l->unfinished > 0 && !l->stopped) {
    l->waiting++;
    pthread_cond_wait(&l->changed, &l->lock);
    l->waiting--;
  }
  struct work_item *item = l->stopped ? NULL : l->items;
  if (item != NULL) {
    l->items = item->next;
    l->length--;
  }
  *many = l->length >= INVITES_FROM;
  pthread_mutex_unlock(&l->lock);
  return item;
}

static void work(void *state) {
  struct work_list *l = state;
  bool many;
  for (struct work_item *item = next(l, false, &many); item != NULL;
       item = next(l, true, &many))
    l->run(l, item);
}

void work_list_run(struct work_list *l) {
  struct team team = {.work = work, .state = l};
  bool invited = false, many;
  for (struct work_item *item = next(l, false, &many); item != NULL;
       item = next(l, true, &many)) {
    if (many && !invited) {
      team_invite(&team, TEAM_MAX);
      invited = true;
    }
    l->run(l, item);
  }
  if (invited)
    team_dismiss(&team);
}
