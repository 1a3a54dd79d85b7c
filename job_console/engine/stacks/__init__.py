"""Where a running job is: its Python stack, and what the kernel knows of its process, without its help.

A job that hangs cannot answer: its thread may be in the kernel, a lock, or C code that holds the interpreter. So the
hook before each job arms the process (`arming`): a signal makes `faulthandler` write a stack into a file without a
name, from C, at any moment. Another process on the same host, the *reader*, sends that signal, reads the file and
/proc, and tells whoever asks, through Redis. `verdict` says in words what two such samples mean.

| module | |
| --- | --- |
| `models` | what crosses the seams |
| `arming` | in the job's process, before the job: its signal handlers, its files, one entry in Redis |
| `files` | those files, from both sides |
| `interrupt` | there too: leave the job when somebody outside says so |
| `process`, `sockets`, `waits` | what /proc says |
| `disks` | file systems without room |
| `frames`, `sample` | one dump, parsed; with /proc, a sample |
| `native` | the C functions above the Python stack, by py-spy |
| `reader`, `serving` | the process that samples its host's jobs, and how it is started |
| `asking` | from anywhere: a question to the reader of the job's host |
| `verdict` | two samples, and what the job says of itself, to words |
| `remains` | what is known of a process that was killed |
"""
