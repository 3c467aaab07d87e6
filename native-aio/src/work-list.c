// A stack of work under a lock; see work-list.h.
#include "work-list.h"

#include <stddef.h>

enum {
  /** Waking a thread is worth so many items. */
  INVITES_FROM = 8,
  TEAM_MAX = 7,
};

static void work(void *state);

void work_list_open(struct work_list *l,
                    void (*run)(struct work_list *, struct work_item *),
                    void *state) {
  *l = (struct work_list){
      .run = run, .state = state, .team = {.work = work, .state = l}};
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

/** Nobody else is there before this, so it is the thread of work_list_run(). */
static void invite(struct work_list *l) {
  if (l->invited)
    return;
  l->invited = true;
  team_invite(&l->team, TEAM_MAX);
}

void work_list_offer(struct work_list *l, struct work_item *item) {
  pthread_mutex_lock(&l->lock);
  item->next = l->offers;
  l->offers = item;
  l->unfinished++;
  if (l->waiting > 0)
    pthread_cond_signal(&l->changed);
  pthread_mutex_unlock(&l->lock);
  invite(l);
}

bool work_list_withdraw(struct work_list *l, struct work_item *item) {
  pthread_mutex_lock(&l->lock);
  struct work_item **at = &l->offers;
  while (*at != NULL && *at != item)
    at = &(*at)->next;
  bool found = *at != NULL;
  if (found) {
    *at = item->next;
    l->unfinished--;
  }
  pthread_mutex_unlock(&l->lock);
  return found;
}

void work_list_stop(struct work_list *l) {
  pthread_mutex_lock(&l->lock);
  l->stopped = true;
  pthread_cond_broadcast(&l->changed);
  pthread_mutex_unlock(&l->lock);
}

/** NULL: there are none. */
static struct work_item *take(struct work_list *l) {
  struct work_item **from = l->items != NULL ? &l->items : &l->offers;
  struct work_item *item = *from;
  if (item == NULL)
    return NULL;
  *from = item->next;
  if (from == &l->items)
    l->length--;
  return item;
}

struct work_item *work_list_drop(struct work_list *l) {
  return take(l);
}

/** The next item, when the last one (if there was one) is done; NULL: nothing is left to do. */
static struct work_item *next(struct work_list *l, bool done, bool *many) {
  pthread_mutex_lock(&l->lock);
  if (done && --l->unfinished == 0)
    pthread_cond_broadcast(&l->changed);
  while (l->items == NULL && l->offers == NULL && l->unfinished > 0 &&
         !l->stopped) {
    l->waiting++;
    pthread_cond_wait(&l->changed, &l->lock);
    l->waiting--;
  }
  struct work_item *item = l->stopped ? NULL : take(l);
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
  bool many;
  for (struct work_item *item = next(l, false, &many); item != NULL;
       item = next(l, true, &many)) {
    if (many)
      invite(l);
    l->run(l, item);
  }
  if (l->invited)
    team_dismiss(&l->team);
}
