// What `node-eio bench --help` says.
export const HELP = `Usage: node-eio bench                            what is faster here and what to set, in 20 seconds
       node-eio bench --app FILE [options]        what the file calls of an application wait for (--help lists them)
       node-eio bench [options] [JOBFILE.fio ...]
       node-eio bench interference [options]      (--help lists them)
       node-eio bench machine [FOLDER]

Measures what this library's backends and Node's own fs do on this machine, each run in a process of its own, in
turn, several rounds, and ends with what to use. Without options, or with --dir, --verbose and those for results alone,
small files are read, written and looked up for 20 seconds. Job files of fio are read for the options that are known here.

What is done
  --rw LIST        randread (by default), read, randwrite, write, randrw, rw, stat, open, readfile, writefile, readdir
  --bs LIST        bytes of a transfer or of a file: 4k by default
  --iodepth LIST   operations in flight: 1,64 by default. Of the sync functions: so many in a row in one turn of the loop
  --size SIZE      of the data, 256m by default      --files N     the data, or the paths, in so many files
  --file FILE      a file that is there already, for reading; for writing with --overwrite, which destroys it
  --dir FOLDER     where files are made, and removed again: the system's folder for such by default
  --direct         past the page cache (O_DIRECT), in aligned memory, Node's own fs too
  --cold           drops the files' pages before each run, which then transfers everything at most once;
                   --drop-caches drops all caches of the machine instead (root)
  --fsync N        a datasync after every N writes; of writefile, 1 is its option "flush"
  --threads N      so many worker threads, each with its own instance and the whole work, as fio's numjobs
  --rwmixread N    percent of reads in mixed work: 50 by default        --seed N    of the places: 1 by default
  --runtime TIME   of a run: 1s by default       --ramp TIME  before it: 0.3 of it by default      --rounds N   5 by default

Who does it
  --backend LIST   all (by default), none, pool, uring, aio, nowait, null, auto; aio only with --direct
  --api STYLE      promises (by default) or callbacks: how our backends are called
  --node LIST      promises,callbacks,sync (by default) or none
  --with FILE      a module that exports what node:fs/promises exports; may be repeated
  --peer LIST      fio, bun: on the same files in the same rounds, where they are installed

What comes out
  --json FILE  --csv FILE  --html FILE     - is standard output, for the first two
  --save           measures thresholds, too, and writes eio-profile.json for createEio({ profile }); --profile FILE
                   writes it there
  --quiet          no progress                  --verbose   tables below the answer of 20 seconds

Status: 0; 1 where something failed; 2 for wrong options; 130 for Ctrl-C. Its files are removed in each case.`;
