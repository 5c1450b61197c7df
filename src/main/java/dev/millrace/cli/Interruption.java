package dev.millrace.cli;

import dev.millrace.sqlite.ShutdownHold;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C into an interrupt of the working thread and gives it time to end well. Who starts it ends it when the work is
 * done.
 */
final class Interruption {
    private static final int PATIENCE_SECONDS = 30;

    private final CountDownLatch done = new CountDownLatch(1);
    /** What the work records while it ends, its last metrics for example, is to be kept. */
    private final ShutdownHold recording = ShutdownHold.take();

    private final Thread hook;

    private Interruption(Thread worker) {
        this.hook = new Thread(
                () -> {
                    worker.interrupt();
                    await();
                },
                "millrace-interruption");
    }

    /** Watches over the current thread. */
    static Interruption watch() {
        Interruption interruption = new Interruption(Thread.currentThread());
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    private void await() {
        try {
            if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                // The process ends anyway; the checkpoint before this one is complete.
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The work is done: a shutdown need not wait for it any longer. */
    void end() {
        done.countDown();
        recording.close();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The shutdown is under way and the hook has done its work.
        }
    }
}
