package dev.millrace.sqlite;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Four threads that put entries as fast as they can. Prints {@code ack a b c d}: that many entries of each producer were put
 * before a flush that returned true. With "once" it puts 200,000 in all, prints their number and waits to be ended.
 */
final class EntryChild {
    private static final int PRODUCERS = 4;

    private EntryChild() {}

    public static void main(String[] arguments) throws InterruptedException {
        Path file = Path.of(arguments[0]);
        long firstProducer = Long.parseLong(arguments[1]);
        boolean once = arguments.length > 2;
        WriteQueueSettings settings = WriteQueueSettings.defaults().withFlush(500, Duration.ofSeconds(1));
        WriteQueue<EntryQueue.Entry> queue = EntryQueue.open(
                file,
                once ? settings.withCapacity(1 << 18).withFlush(1 << 18, Duration.ofMinutes(10)) : settings,
                new EntryQueue.Trouble());
        AtomicLongArray put = new AtomicLongArray(PRODUCERS);
        Thread[] producers = new Thread[PRODUCERS];
        for (int i = 0; i < PRODUCERS; i++) {
            int producer = i;
            producers[i] = new Thread(
                    () -> produce(queue, firstProducer + producer, producer, put, once ? 50_000 : Long.MAX_VALUE));
            producers[i].setDaemon(true);
            producers[i].start();
        }
        if (once) {
            for (Thread producer : producers) {
                producer.join();
            }
            System.out.println(queue.counts().accepted() + " " + queue.counts().written());
            Thread.sleep(60_000);
            return;
        }
        while (true) {
            String line = "ack " + put.get(0) + " " + put.get(1) + " " + put.get(2) + " " + put.get(3);
            if (queue.flush(Duration.ofSeconds(30))) {
                System.out.println(line);
            }
        }
    }

    private static void produce(
            WriteQueue<EntryQueue.Entry> queue, long producer, int place, AtomicLongArray put, long limit) {
        for (long number = 0; number < limit; number++) {
            // A dropped entry is tried again, so that what is stored has no gaps.
            while (!queue.put(new EntryQueue.Entry(producer, number, "entry"))) {
                Thread.onSpinWait();
            }
            put.set(place, number + 1);
        }
    }
}
