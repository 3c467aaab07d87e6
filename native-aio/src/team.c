// Teams: see team.h. It knows which threads of a crew are idle, and no job.
#include "team.h"

#include "crew-state.h"

/** Whose thread this is; NULL: none of ours. */
static _Thread_local struct crew *current;

void team_open(struct crew *c) { current = c; }

bool team_join(struct crew *c) {
  if (!has_team(c))
    return false;
  pthread_mutex_lock(&c->lock);
  struct team *team = c->teams;
  if (team != NULL) {
    team->working++;
    if (--team->wanted == 0)
      __atomic_store_n(&c->teams, team->next, __ATOMIC_SEQ_CST);
  }
  pthread_mutex_unlock(&c->lock);
  if (team == NULL)
    return false;
  page_cache_use(team->cache);
  team->work(team->state);
  pthread_mutex_lock(&c->lock);
  team->working--;
  pthread_cond_broadcast(&c->left);
  pthread_mutex_unlock(&c->lock);
  return true;
}

void team_invite(struct team *team, int most) {
  struct crew *c = current;
  team->working = 0;
  team->wanted = 0;
  team->cache = page_cache_way();
  if (c == NULL)
    return;
  int idle = load(word(c, CONTROL_SLEEPERS)) + load(word(c, CONTROL_SPINNERS));
  if (most > c->cores - 1)
    most = c->cores - 1;
  if (idle < most &&
      load(word(c, CONTROL_THREADS)) < load(word(c, CONTROL_THREADS_MAX)) &&
      crew_start(c) == 0)
    idle++;
  int wanted = idle < most ? idle : most;
  if (wanted <= 0)
    return;
  team->wanted = wanted;
  pthread_mutex_lock(&c->lock);
  team->next = c->teams;
  __atomic_store_n(&c->teams, team, __ATOMIC_SEQ_CST);
  pthread_mutex_unlock(&c->lock);
  // The team's own count is under the lock: threads may have come.
  crew_ring(c, wanted);
}

void team_dismiss(struct team *team) {
  struct crew *c = current;
  if (c == NULL)
    return;
  pthread_mutex_lock(&c->lock);
  for (struct team **at = &c->teams; *at != NULL; at = &(*at)->next)
    if (*at == team) {
      __atomic_store_n(at, team->next, __ATOMIC_SEQ_CST);
      break;
    }
  while (team->working != 0)
    pthread_cond_wait(&c->left, &c->lock);
  pthread_mutex_unlock(&c->lock);
}
