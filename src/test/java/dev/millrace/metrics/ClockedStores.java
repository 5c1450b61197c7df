package dev.millrace.metrics;

import dev.millrace.sqlite.WriteQueueSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/** Stores whose runs took place at times that a test chooses. */
public final class ClockedStores {
    private ClockedStores() {}

    public static MetricsStore open(Path file, Hand clock) {
        return MetricsStore.open(file, WriteQueueSettings.defaults(), clock);
    }

    /** A clock that is moved by hand. */
    public static final class Hand extends Clock {
        private final AtomicLong millis;

        public Hand(long millis) {
            this.millis = new AtomicLong(millis);
        }

        public void set(long now) {
            millis.set(now);
        }

        @Override
        public long millis() {
            return millis.get();
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis.get());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
