package dev.millrace.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadPoolTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void write() {
        file = folder.resolve("sample.db");
        SampleFile.write(file, 10);
    }

    @Test
    void lease_givenBack_isUsedAgain() {
        try (ReadPool pool = new ReadPool(file, Access.READ, 1)) {
            Database first;
            try (ReadPool.Lease lease = pool.lease()) {
                first = lease.database();
                assertThat(first.queryLong("SELECT count(*) FROM items")).isEqualTo(10);
            }
            try (ReadPool.Lease lease = pool.lease()) {
                assertThat(lease.database()).isSameAs(first);
            }
        }
    }

    @Test
    void lease_allTaken_failsInTimeNamingSizeAndWaiting() {
        try (ReadPool pool = new ReadPool(file, Access.READ, 2, Duration.ofMillis(200));
                ReadPool.Lease one = pool.lease();
                ReadPool.Lease two = pool.lease()) {
            assertThat(one.database()).isNotSameAs(two.database());
            assertThatThrownBy(pool::lease)
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("after 200 ms")
                    .hasMessageContaining("size=2, waiting=1")
                    .hasMessageContaining(file.toString());
        }
    }

    @Test
    void lease_interruptedThreadAndOneIsFree_getsItAndKeepsTheFlag() {
        try (ReadPool pool = new ReadPool(file, Access.READ, 1)) {
            Thread.currentThread().interrupt();
            try (ReadPool.Lease lease = pool.lease()) {
                assertThat(lease.database().queryLong("SELECT count(*) FROM items"))
                        .isEqualTo(10);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
        }
    }

    @Test
    void lease_waitingThreadInterrupted_failsAndKeepsTheFlag() {
        try (ReadPool pool = new ReadPool(file, Access.READ, 1);
                ReadPool.Lease only = pool.lease()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(pool::lease)
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("Interrupted");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(only.database().queryLong("SELECT 1")).isEqualTo(1);
        }
    }

    @Test
    void lease_fileReplacedMeanwhile_isRefusedNamingBoth() throws IOException {
        Path other = folder.resolve("other.db");
        SampleFile.write(other, 20);
        try (ReadPool pool = new ReadPool(file, Access.READ, 2);
                ReadPool.Lease before = pool.lease()) {
            Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);

            assertThat(before.database().queryLong("SELECT count(*) FROM items"))
                    .as("an open reader keeps the file it opened")
                    .isEqualTo(10);
            assertThatThrownBy(pool::lease)
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("has been replaced")
                    .hasMessageContaining("Open the dataset again");
            Files.delete(file);
            assertThatThrownBy(pool::lease)
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("found none");
        }
    }

    @Test
    void lease_failureToOpen_givesThePermitBack() throws IOException {
        byte[] sound = Files.readAllBytes(file);
        try (ReadPool pool = new ReadPool(file, Access.READ, 1)) {
            var changed = Files.getLastModifiedTime(file);
            Files.write(file, new byte[sound.length]);
            Files.write(file, "no database".repeat(100).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            Files.write(file, java.util.Arrays.copyOf(Files.readAllBytes(file), sound.length));
            Files.setLastModifiedTime(file, changed);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(pool::lease).isInstanceOf(CorruptDatabaseException.class);
            }
            Files.write(file, sound);
            Files.setLastModifiedTime(file, changed);
            try (ReadPool.Lease lease = pool.lease()) {
                assertThat(lease.database().queryLong("SELECT count(*) FROM items"))
                        .isEqualTo(10);
            }
        }
    }

    @Test
    void close_leasesStillOut_staysUsableUntilTheyAreGivenBack() {
        ReadPool pool = new ReadPool(file, Access.READ, 2);
        ReadPool.Lease lease = pool.lease();
        Database leased = lease.database();
        pool.close();

        assertThat(leased.queryLong("SELECT count(*) FROM items")).isEqualTo(10);
        assertThatIllegalStateException().isThrownBy(pool::lease).withMessageContaining("closed");
        lease.close();
        lease.close();
        assertThatIllegalStateException().isThrownBy(() -> leased.queryLong("SELECT 1"));
        assertThatIllegalStateException().isThrownBy(lease::database);
        pool.close();
    }
}
