package dev.millrace.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The smallest thing that a queue can write: entries with a number, and how many there were at the end of each batch. */
final class EntryQueue {
    static final Schema SCHEMA = new Schema("entries", 1, List.of("""
                    CREATE TABLE entry (
                      producer INTEGER NOT NULL,
                      number INTEGER NOT NULL CHECK (number >= 0),
                      text TEXT NOT NULL,
                      PRIMARY KEY (producer, number)
                    ) WITHOUT ROWID""", """
                    CREATE TABLE batch (
                      batch_id INTEGER PRIMARY KEY,
                      entries INTEGER NOT NULL
                    )"""), List.of());

    /** A negative number and a null text are what the database refuses. */
    record Entry(long producer, long number, String text) {}

    /** What the tests turn to make trouble; 0 is none. */
    static final class Trouble {
        final AtomicLong maxPages = new AtomicLong();
        final AtomicLong sleepMillis = new AtomicLong();
        final AtomicInteger batches = new AtomicInteger();
        final AtomicInteger idleTicks = new AtomicInteger();
        /** What the sink was told of, by the writer thread. */
        final List<Entry> committed = Collections.synchronizedList(new ArrayList<>());

        final List<Entry> refused = Collections.synchronizedList(new ArrayList<>());
    }

    private EntryQueue() {}

    static WriteQueue<Entry> open(Path file, WriteQueueSettings settings, Trouble trouble) {
        return WriteQueue.open(file, SCHEMA, connection -> sink(connection, trouble), settings);
    }

    static RecordSink<Entry> sink(Connection connection, Trouble trouble) throws SQLException {
        return new Sink(connection, trouble);
    }

    static long count(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            return database.queryLong("SELECT count(*) FROM entry");
        }
    }

    private static final class Sink implements RecordSink<Entry> {
        private final PreparedStatement insert;
        private final PreparedStatement insertBatch;
        private final Trouble trouble;

        Sink(Connection connection, Trouble trouble) throws SQLException {
            this.trouble = trouble;
            try (Statement statement = connection.createStatement()) {
                if (trouble.maxPages.get() > 0) {
                    statement.execute("PRAGMA max_page_count=" + trouble.maxPages.get());
                }
            }
            insert = connection.prepareStatement("INSERT INTO entry (producer, number, text) VALUES (?, ?, ?)");
            insertBatch =
                    connection.prepareStatement("INSERT INTO batch (entries) SELECT count(*) FROM entry WHERE ? >= 0");
        }

        @Override
        public void write(Entry entry) throws SQLException {
            insert.setLong(1, entry.producer());
            insert.setLong(2, entry.number());
            insert.setString(3, entry.text());
            insert.executeUpdate();
        }

        @Override
        public void endBatch(WriteQueueCounts counts) throws SQLException {
            insertBatch.setLong(1, counts.written());
            insertBatch.executeUpdate();
            trouble.batches.incrementAndGet();
            try {
                Thread.sleep(trouble.sleepMillis.get());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void idle(long nowMillis) {
            trouble.idleTicks.incrementAndGet();
        }

        @Override
        public void committed(List<Entry> entries) {
            // Those who write until they are killed need no memory of it.
            if (trouble.committed.size() < 100_000) {
                trouble.committed.addAll(entries);
            }
        }

        @Override
        public void refused(Entry entry, Exception reason) {
            trouble.refused.add(entry);
        }

        @Override
        public void close() throws SQLException {
            insert.close();
            insertBatch.close();
        }
    }
}
