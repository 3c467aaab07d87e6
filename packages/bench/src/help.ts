// What `node-eio bench --help` says.
export const HELP = `Usage: node-eio bench                            what is faster here and what to set, in 20 seconds
       node-eio bench --app FILE [options]        what the file calls of an application wait for (--help lists the options)
       node-eio bench [options] [JOBFILE.fio ...]
       node-eio bench interference [options]      (--help lists the options)
       node-eio bench machine [FOLDER]

Measures this library's backends and Node's own fs on this machine, each run in a separate process, in turn and in
several rounds, and ends with what to use. Without options, or with only --dir, --verbose and those for output, it reads,
writes and looks up small files for 20 seconds. Of fio's job files it understands the options that it has itself.

What to measure
  --rw LIST        randread (by default), read, randwrite, write, randrw, rw, stat, open, readfile, writefile, readdir
  --bs LIST        bytes of a transfer or of a file: 4k by default
  --iodepth LIST   operations in flight: 1,64 by default. For sync functions: calls in a row in one turn of the loop
  --size SIZE      of the data, 256m by default      --files N     how many files the data, or the paths, are in
  --file FILE      an existing file, for reading; for writing only with --overwrite, which destroys it
  --dir FOLDER     where files are created and removed again: by default the folder for temporary files
  --direct         bypasses the page cache (O_DIRECT), with aligned memory, also for Node's own fs
  --cold           drops the files' pages before each run, which then transfers everything at most once;
                   --drop-caches drops all caches of the machine instead (root)
  --fsync N        a datasync after every N writes; of writefile, 1 is its option "flush"
  --threads N      worker threads, each with its own instance and all of the work, like fio's numjobs
  --rwmixread N    percentage of reads in mixed work: 50 by default     --seed N    of random positions: 1 by default
  --runtime TIME   of a run: 1s by default       --ramp TIME  warm-up: 0.3 of it by default        --rounds N   5 by default

What to compare
  --backend LIST   all (by default), none, pool, uring, aio, nowait, null, auto; aio only with --direct
  --api STYLE      promises (by default) or callbacks: how our backends are called
  --node LIST      promises,callbacks,sync (by default) or none
  --with FILE      a module that exports what node:fs/promises exports; may be repeated
  --peer LIST      fio, bun: on the same files in the same rounds, if they are installed

Output
  --json FILE  --csv FILE  --html FILE     - is standard output, for the first two
  --save           measures thresholds, too, and writes eio-profile.json for createEio({ profile }); --profile FILE
                   writes it there
  --quiet          no progress                  --verbose   tables below the answer

Exit status: 0; 1 if something failed; 2 for wrong options; 130 for Ctrl-C. Its files are always removed.`;
