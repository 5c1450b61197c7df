/**
 * What the machine and the processes of a program do while it runs: processors, memory, JVM, disk, GPUs, sampled once a second.
 *
 * <pre>
 *   probes ──► ResourceMonitor (own thread) ──► ResourceRecorder, usually metrics.Run::resource
 *   GPUs: NVML, else nvidia-smi, else none (own thread: a driver that hangs holds up nothing else)
 * </pre>
 *
 * <p>Knows neither the store nor DJL. JNA is seen in {@code Nvml} only.
 *
 * <p>Invariants: nothing here reaches the program that is watched, neither an exception nor a wait; what cannot be measured gives
 * no value, never 0.
 */
@NullMarked
package dev.millrace.monitor;

import org.jspecify.annotations.NullMarked;
