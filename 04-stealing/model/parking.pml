/* The protocol of PARKING.md for Spin (spinroot.com). `./learn check model` (tools/model.py) goes through every interleaving
 * of it, as it is and with each of the mistakes below, which Spin has to find. By hand, in an empty folder:
 *
 *   spin -a -DNO_BATON …/parking.pml && cc -w -O1 -DSAFETY -o pan pan.c && ./pan
 *
 * All work has to be done before anybody is told of the end, so that the end cannot make up for a lost wake-up: that is a
 * state in which nobody can go on, an invalid end state for Spin. With DRAIN the end is told while there is work; then all
 * of it has to be done, and everybody has to leave. What Spin goes through is sequentially consistent; weaker orders are
 * the explorer's part.
 *
 * FEW: no batches, and the first jobs are those that wait for the others. `cycles`: nobody goes round in circles for ever
 * without getting something.
 *
 * check: WORKERS=2
 * check: WORKERS=2 cycles
 * check: WORKERS=2 PAUSE FEW
 * check: WORKERS=2 DRAIN FEW
 * check: WORKERS=2 WAITS FEW
 *
 * By hand, for these take minutes and gigabytes each: WORKERS=2 PAUSE FEW with cycles, WORKERS=2 DRAIN FEW with cycles,
 * WORKERS=2 DRAIN PAUSE FEW.
 *
 * mutant: NO_LAST_LOOK FEW: goes to sleep without a last look
 * mutant: NO_BATON FEW: a finder wakes nobody
 * mutant: ANNOUNCE_EARLY FEW: announces, then puts the work in its place
 * mutant: STALE_LOOK FEW: looks who sleeps before the work is in its place, as a load may that is not seq_cst
 * mutant: NEVER_STOPS_SEARCHING FEW: who goes to sleep is still counted as searching
 * mutant: BEGINS_IN_TWO_STEPS FEW: looks whether somebody searches, then counts itself
 * mutant: CANCEL_STAYS_ON_LIST FEW: who does not sleep after all can still be taken for a sleeper
 * mutant: WAKE_LEAVES_ON_LIST FEW: who was woken can be woken again in the place of somebody else
 * mutant: WAKE_TAKES_OFF_LATE FEW: wakes a worker, then takes it off the list
 * mutant: BATCH_IN_SILENCE: a busy worker puts what it claimed beside its own work where others can steal it, unannounced
 * mutant: BATON_BEFORE_BATCH: a searcher passes on that it found something, then puts the rest of its batch in its place
 * mutant: SUBMIT_IN_SILENCE FEW: a job's own work is not announced
 * mutant: RESUME_EARLY PAUSE FEW: announces, then ends the pause
 * mutant: RESUME_IN_SILENCE PAUSE FEW: ends the pause and announces nothing
 * mutant: PAUSE_SEEN_EARLY PAUSE FEW: the last look goes by what it knew of the pause before
 * mutant: LAST_LOOK_IGNORES_PAUSE PAUSE FEW cycles: finds work that it may not take, and looks for ever
 * mutant: LEAVES_EARLY DRAIN FEW: leaves when it is closed and it found nothing, though what runs may fork
 * mutant: LAST_IN_SILENCE DRAIN FEW: who takes the last one away announces nothing: he is no worker
 * mutant: IN_BEFORE_OUT WAITS FEW: sums up what is in, then what is out
 * mutant: COUNTED_LATE WAITS FEW: what a job hands in can be taken before it is counted
 * mutant: NEVER_SETTLES WAITS FEW: a worker that has nothing to do keeps for itself what it has done
 * mutant: SETTLES_IN_SILENCE WAITS FEW: says what it has done, and does not look who waits
 * mutant: LOOKS_BEFORE_IT_SETTLES WAITS FEW: looks who waits, then says what it has done
 * mutant: SUMS_BEFORE_IT_WAITS WAITS FEW: looks what is in flight, then says that it waits
 * mutant: CLOSE_IN_SILENCE FEW: the close announces nothing: all may be done by then
 * mutant: CLOSE_KEEPS_THE_PAUSE DRAIN PAUSE FEW: the close announces the end only, and not what the pause has kept back
 * mutant: END_IS_NOT_PASSED_ON FEW: who sees the end wakes nobody
 * mutant: LAST_LOOK_IGNORES_THE_END FEW: who goes to sleep when it has come sleeps for ever
 */
#ifndef WORKERS
#define WORKERS 2
#endif
#define WORK 3

byte injector;              /* work from outside */
byte lane[WORKERS];         /* work at a worker: its jobs' own, and what it claimed and has not begun; all may steal it */
byte begun, done;
byte blockers;              /* jobs that end only when all have begun: for all workers but one */
bool by_job;                /* the last piece is handed in by the first job that runs, not from outside */
bool paused;                /* then nobody takes anything, unless it is closed */
bool closed;
byte in[WORKERS + 1];       /* what was handed in, as each worker and, as the last, everybody else counts it, */
byte out[WORKERS + 1];      /* and what has ended; a worker says it when it has nothing to do */
bool waiting, told;         /* somebody waits until nothing is in flight; he was told to look again */
bool all_in;                /* all that comes from outside has been handed in */
byte left;                  /* workers that have gone */

byte sleeping, searching;   /* state_ */
bool listed[WORKERS];
bool released[WORKERS];     /* look_again; once, however often: so it passes fewer times than the real one */
bool ended;                 /* ended_ */

/* --- parking.cpp ----------------------------------------------------------------------------------------------------
 * Its lock makes one step of each section, in which only state_ can be looked at from outside, and changes once. */

inline wake_one() {
  atomic {
    sleeper = 0;
    if
    :: searching == 0 && sleeping > 0 ->
       do
       :: sleeper < WORKERS && !listed[sleeper] -> sleeper++
       :: else -> break
       od;
       assert(sleeper < WORKERS);
#ifndef WAKE_TAKES_OFF_LATE
#ifndef WAKE_LEAVES_ON_LIST
       listed[sleeper] = false;
#endif
       sleeping--; searching++
#endif
    :: else -> sleeper = WORKERS
    fi
  };
#ifdef WAKE_TAKES_OFF_LATE
  if
  :: sleeper < WORKERS ->
     released[sleeper] = true;
     atomic {
       if
       :: listed[sleeper] -> listed[sleeper] = false; sleeping--; searching++
       :: else
       fi;
       sleeper = 0
     }
  :: atomic { else -> sleeper = 0 }
  fi
#else
  if
  :: atomic { sleeper < WORKERS -> released[sleeper] = true; sleeper = 0 } /* behind the lock, perhaps much later */
  :: atomic { else -> sleeper = 0 }
  fi
#endif
}

#define must_wake (sleeping > 0 && searching == 0)

inline announce() {
  if
  :: must_wake -> wake_one()
  :: else
  fi
}


inline prepare() {
  atomic {
    listed[me] = true; sleeping++;
#ifndef NEVER_STOPS_SEARCHING
    if
    :: searches -> assert(searching > 0); searching--
    :: else
    fi
#endif
  }
}

inline sleep() {
  do
  :: listed[me] && !ended -> atomic { released[me] -> released[me] = false }
  :: else -> break
  od
}

inline cancel() {
  atomic {
    if
    :: listed[me] ->
#ifndef CANCEL_STAYS_ON_LIST
       listed[me] = false;
#endif
       assert(sleeping > 0);
       sleeping--; searching++
    :: else                 /* woken meanwhile, and counted */
    fi;
    searches = true
  }
}

inline wake_all() {
  d_step {
    ended = true; sleeper = 0;
    do
    :: sleeper < WORKERS ->
       if
       :: listed[sleeper] -> released[sleeper] = true
       :: else
       fi;
       sleeper++
    :: else -> sleeper = 0; break
    od
  }
}

/* --- the scheduler: work comes, and is looked for place by place, while it may move from one place to another -------- */

#ifdef ANNOUNCE_EARLY
#define hand_in(put) announce(); put
#else
#ifdef STALE_LOOK
#define hand_in(put) last = must_wake; put; if :: last -> wake_one() :: else fi; last = false
#else
#define hand_in(put) put; announce()
#endif
#endif

#define OTHERS WORKERS

/* As much is out as, read afterwards, is in: then nothing is in flight. One counter after the other. */
inline sum_up() {
  sum = 0;
#ifdef IN_BEFORE_OUT
  do
  :: at <= OTHERS -> sum = sum - in[at]; at++
  :: else -> at = 0; break
  od;
  do
  :: at <= OTHERS -> sum = sum + out[at]; at++
  :: else -> at = 0; break
  od;
#else
  do
  :: at <= OTHERS -> sum = sum + out[at]; at++
  :: else -> at = 0; break
  od;
  do
  :: at <= OTHERS -> sum = sum - in[at]; at++
  :: else -> at = 0; break
  od;
#endif
  none = (sum == 0); sum = 0
}

inline is_over() {          /* in `none` */
  none = false;
  if
  :: closed -> sum_up()
  :: else
  fi
}

inline look_for_waiter() {
  if
  :: waiting -> sum_up();
     if
     :: none -> told = true; none = false
     :: else
     fi
  :: else
  fi
}

#ifdef PAUSE
#define take_is_paused (paused && !closed)
#else
#define take_is_paused false
#endif
#if defined(LAST_LOOK_IGNORES_PAUSE)
#define look_is_paused false
#elif defined(PAUSE_SEEN_EARLY)
#define look_is_paused was_paused
#else
#define look_is_paused take_is_paused
#endif

inline look() {             /* is there something to take, or the end to see? */
  if
  :: look_is_paused
  :: else ->
     if
     :: injector > 0 -> here = true
     :: else ->
        do
        :: at < WORKERS && lane[at] == 0 -> at++
        :: else -> break
        od;
        here = (at < WORKERS)
     fi
  fi;
  at = 0;
#ifndef LAST_LOOK_IGNORES_THE_END
  if
  :: !here -> is_over(); here = none; none = false
  :: else
  fi
#endif
}

inline found() {            /* the last one who searches sees whether there is more, and wakes another one for that */
  atomic { assert(searching > 0); searching--; searches = false; last = must_wake };
#ifndef NO_BATON
  if
  :: last -> look();
     if
     :: here -> wake_one()
     :: else
     fi
  :: else
  fi;
#endif
  last = false; here = false
}

inline went() {             /* one that somebody else has taken away */
  out[OTHERS]++;
  look_for_waiter();
#ifndef LAST_IN_SILENCE
  if
  :: closed -> announce()
  :: else
  fi
#endif
}

inline settle() {           /* a worker with nothing to do says what it has done */
#ifdef NEVER_SETTLES
  skip
#else
  if
  :: unsettled > 0 ->
#ifdef LOOKS_BEFORE_IT_SETTLES
     last = waiting;
     atomic { out[me] = out[me] + unsettled; unsettled = 0 };
     if
     :: last -> last = false; look_for_waiter()
     :: else
     fi
#else
     atomic { out[me] = out[me] + unsettled; unsettled = 0 };
#ifndef SETTLES_IN_SILENCE
     look_for_waiter()
#endif
#endif
  :: else
  fi
#endif
}

inline close() {
  closed = true;
#if defined(CLOSE_IN_SILENCE)
#elif defined(CLOSE_KEEPS_THE_PAUSE)
  sum_up();
  if
  :: none -> none = false; announce()
  :: else
  fi
#else
  announce()                /* the end, or that the pause is over */
#endif
}

inline take() {             /* one piece, and perhaps a second one along with it, from the injector */
#ifdef PAUSE_SEEN_EARLY
  was_paused = paused;
#endif
  if
  :: take_is_paused
  :: else ->
     if
     :: atomic { injector > 0 -> injector--; got = true;
          if
#ifndef FEW
          :: injector > 0 -> injector--; batch = true
#endif
          :: true
          fi }
     :: else ->
        do
        :: atomic { at < WORKERS && lane[at] > 0 -> lane[at]--; got = true; break }
        :: atomic { at < WORKERS && lane[at] == 0 -> at++ }
        :: at == WORKERS -> break
        od
     fi
  fi;
  at = 0
}

inline put_batch() {
  if
  :: batch -> lane[me]++
  :: else
  fi
}

proctype Worker(byte me) {
  bool searches, got, batch, first, blocks, last, here, was_paused, none;
  byte at, sleeper, unsettled;
  short sum;
  do
  :: true ->
     take();
     if
     :: got ->
progress:
        if
        :: searches ->
#ifdef BATON_BEFORE_BATCH
           found();
           put_batch()
#else
           put_batch();
           found()
#endif
        :: else ->
           put_batch();
#ifndef BATCH_IN_SILENCE
           if
           :: batch -> announce()
           :: else
           fi
#endif
        fi;
        atomic {                                            /* the job */
          batch = false; got = false;
          first = by_job; by_job = false; begun++;
          if
          :: blockers < WORKERS - 1 -> blockers++; blocks = true
#ifdef FEW
          :: else
#else
          :: true
#endif
          fi
        };
        if
#ifdef SUBMIT_IN_SILENCE
        :: first -> in[me]++; lane[me]++
#elif defined(COUNTED_LATE)
        :: first -> hand_in(lane[me]++; in[me]++)
#else
        :: first -> in[me]++; hand_in(lane[me]++)
#endif
        :: else
        fi;
        if
        :: blocks -> begun == WORK
        :: else
        fi;
        atomic { first = false; blocks = false; done++; unsettled++ }
     :: else ->
        settle();
        is_over();
        if
        :: none -> break
        :: else
        fi;
#ifdef LEAVES_EARLY
        if
        :: closed -> break
        :: else
        fi;
#endif
        if
#ifdef BEGINS_IN_TWO_STEPS
        :: !searches && searching == 0 -> searching = 1; searches = true
#else
        :: atomic { !searches && searching == 0 -> searching++; searches = true } /* it may look around: here, once */
#endif
        :: else ->
           prepare();
#ifndef NO_LAST_LOOK
           look();
#endif
           if
           :: here -> here = false
           :: else -> sleep()
           fi;
           cancel()
        fi
     fi
  od;
#ifndef END_IS_NOT_PASSED_ON
  wake_all();
  if
  :: searches -> found()
  :: else
  fi;
#endif
  left++
}

/* --- who uses the pool -------------------------------------------------------------------------------------------- */

active proctype User() {
  bool last, none;
  byte at, sleeper;
  short sum;
  atomic {
    do
    :: sleeper < WORKERS -> run Worker(sleeper); sleeper++
    :: else -> sleeper = 0; break
    od
  };
  if
  :: by_job = true;
     in[OTHERS]++; hand_in(injector++);
     in[OTHERS]++; hand_in(atomic { injector++; all_in = true })
  :: in[OTHERS] = WORK; hand_in(atomic { injector = WORK; all_in = true })  /* in bulk */
  fi;
#ifdef WAITS
#ifdef SUMS_BEFORE_IT_WAITS
  sum_up();
  waiting = true;
#else
  waiting = true;
  sum_up();
#endif
  do
  :: none -> break
  :: else -> atomic { told -> told = false }; sum_up()
  od;
  waiting = false; none = false;
  assert(done == WORK);
#endif
#ifndef DRAIN
  done == WORK;                                            /* before the end */
  close();
#endif
  left == WORKERS;
  assert(done == WORK)
}

#ifdef DRAIN
inline cancel_one() {       /* takes it; it counts until went() */
  atomic {
    if
    :: injector > 0 -> injector--
    :: lane[0] > 0 -> lane[0]--
    fi;
    cancels = true
  }
}

active proctype Closer() {  /* while work is queued, or runs, or is on its way; and perhaps it cancels a piece */
  bool last, cancels, none;
  byte at, sleeper;
  short sum;
  all_in;
  if
  :: cancel_one()
  :: true
  fi;
  close();
  if
  :: !cancels -> if :: cancel_one() :: true fi
  :: else
  fi;
  if
  :: cancels -> atomic { begun++; done++ }; went()
  :: else
  fi
}
#endif

#ifdef PAUSE
active proctype Pauser() {
  bool last;
  byte sleeper;
  paused = true;
#ifndef DRAIN               /* or else the close ends the pause */
#if defined(RESUME_EARLY)
  announce();
  paused = false
#elif defined(RESUME_IN_SILENCE)
  paused = false
#else
  paused = false;
  announce()
#endif
#endif
}
#endif
