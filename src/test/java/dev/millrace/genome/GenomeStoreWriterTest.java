package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Verification;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is what was given, under the manifest, or nothing at all. */
final class GenomeStoreWriterTest {
    @TempDir
    Path folder;

    @Test
    void store_ofSeveralContigs_isSoundAndHoldsEveryBase() throws Exception {
        Path file = folder.resolve("store.db");
        byte[] big = bases(3 * GenomeSchema.CHUNK_BASES + 5, 1);
        byte[] exact = bases(GenomeSchema.CHUNK_BASES, 2);

        try (GenomeStoreWriter store = GenomeStoreWriter.begin(file)) {
            store.add("b", "S1", big);
            store.add("empty", "S1", new byte[0]);
            store.add("a", "S2", exact);
            store.publish();
        }

        assertThat(Verification.verify(file).faults()).isEmpty();
        try (Database database = Database.open(file, Access.READ)) {
            assertThat(database.queryLong("SELECT count(*) FROM chunks")).isEqualTo(5);
            assertThat(database.queryText("SELECT group_concat(contig_id || ':' || sample_id || ':' || length || ':'"
                            + " || first_chunk, ' ') FROM contigs"))
                    .isEqualTo("b:S1:49157:1 empty:S1:0:5 a:S2:16384:5");
            assertThat(database.queryText("SELECT CAST(bases AS TEXT) FROM chunks WHERE chunk_id = 4"))
                    .isEqualTo(new String(big, 3 * GenomeSchema.CHUNK_BASES, 5, StandardCharsets.US_ASCII));
        }
    }

    @Test
    void contig_thatIsGivenUp_leavesNothingBehind() {
        Path file = folder.resolve("store.db");
        byte[] big = bases(3 * GenomeSchema.CHUNK_BASES + 5, 1);

        try (GenomeStoreWriter store = GenomeStoreWriter.begin(file)) {
            assertThat(store.beginContig("bad", "S")).isTrue();
            store.append(big, 0, big.length);
            store.giveUpContig();
            store.add("good", "S", big);
            assertThat(store.beginContig("good", "S")).isFalse();
            store.publish();
        }

        assertThat(Verification.verify(file).faults()).isEmpty();
        try (Database database = Database.open(file, Access.READ)) {
            assertThat(database.queryLong("SELECT count(*) FROM chunks")).isEqualTo(4);
            assertThat(database.queryLong("SELECT first_chunk FROM contigs")).isEqualTo(1);
        }
    }

    @Test
    void store_thatIsNotPublished_isNotThere() throws Exception {
        Path file = folder.resolve("store.db");

        try (GenomeStoreWriter store = GenomeStoreWriter.begin(file)) {
            store.add("a", "S", bases(100, 1));
            assertThatThrownBy(() -> store.add("a", "S", bases(100, 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Contig a is there already");
        }

        try (var files = Files.list(folder)) {
            assertThat(files.filter(path -> !path.toString().endsWith(".lock"))).isEmpty();
        }
    }

    private static byte[] bases(int length, long seed) {
        Random random = new Random(seed);
        byte[] bases = new byte[length];
        for (int i = 0; i < length; i++) {
            bases[i] = (byte) "ACGTN".charAt(random.nextInt(5));
        }
        return bases;
    }
}
