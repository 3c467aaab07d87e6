// The list is guarded by one lock, held for a push or a pop; guests leave when it is empty, so that they never wait
// here while requests wait for them. See work-list.h.
#include "work-list.h"

#include <stddef.h>

enum {
  /** With less than that to share, nobody is called. */
  INVITE_MIN = 2,
  INVITE_EVERY = 8,
  GUESTS_MAX = 16,
};

/** With the lock, which is not held while the item runs. */
static void run_one(struct work_list *l) {
  struct work_item *item = l->first;
  l->first = item->next;
  l->waiting--;
  l->busy++;
  pthread_mutex_unlock(&l->lock);
  l->run(l, item);
  pthread_mutex_lock(&l->lock);
  l->busy--;
  pthread_cond_signal(&l->changed);
}

static void visit(void *state) {
  struct work_list *l = state;
  pthread_mutex_lock(&l->lock);
  l->guests++;
  while (l->first != NULL)
    run_one(l);
  l->guests--;
  pthread_mutex_unlock(&l->lock);
}

void work_list_open(struct work_list *l,
                    void (*run)(struct work_list *, struct work_item *)) {
  *l = (struct work_list){.run = run, .team = {.work = visit, .state = l}};
  pthread_mutex_init(&l->lock, NULL);
  pthread_cond_init(&l->changed, NULL);
}

void work_list_add(struct work_list *l, struct work_item *item) {
  pthread_mutex_lock(&l->lock);
  item->next = l->first;
  l->first = item;
  l->waiting++;
  pthread_cond_signal(&l->changed);
  pthread_mutex_unlock(&l->lock);
}

/** With the lock. Those who were called and found nothing to do have left. */
static void invite(struct work_list *l) {
  if (l->waiting < INVITE_MIN || l->guests > 0 || l->runs++ % INVITE_EVERY != 0)
    return;
  unsigned most = l->waiting < GUESTS_MAX ? l->waiting : GUESTS_MAX;
  pthread_mutex_unlock(&l->lock);
  if (l->invited)
    team_dismiss(&l->team);
  l->invited = true;
  team_invite(&l->team, (int)most);
  pthread_mutex_lock(&l->lock);
}

void work_list_finish(struct work_list *l) {
  pthread_mutex_lock(&l->lock);
  while (l->first != NULL || l->busy > 0) {
    if (l->first != NULL)
      invite(l);
    if (l->first != NULL)
      run_one(l);
    else if (l->busy > 0)
      pthread_cond_wait(&l->changed, &l->lock);
  }
  pthread_mutex_unlock(&l->lock);
  if (l->invited)
    team_dismiss(&l->team);
  pthread_cond_destroy(&l->changed);
  pthread_mutex_destroy(&l->lock);
}
