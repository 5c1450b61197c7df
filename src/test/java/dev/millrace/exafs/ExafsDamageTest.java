package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged file gives the batches that were written, or an error that names the file; never others. */
class ExafsDamageTest {
    private static final int FLIPS = 500;

    @TempDir
    Path folder;

    private Path file = Path.of("");
    private byte[] sound = new byte[0];
    private List<Object> written = List.of();

    @BeforeEach
    void write() throws Exception {
        file = ExafsFile.of(5, 2).write(folder.resolve("exafs.db"));
        sound = Files.readAllBytes(file);
        written = readAll();
    }

    @Test
    void read_anyByteFlipped_isRefusedOrChangesNothing() throws Exception {
        long seed = 11;
        SplittableRandom random = new SplittableRandom(seed);
        int refused = 0;
        for (int round = 0; round < FLIPS; round++) {
            byte[] damaged = sound.clone();
            int at = random.nextInt(sound.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, damaged);
            try {
                assertThat(readAll()).as("byte " + at + ", seed " + seed).isEqualTo(written);
            } catch (DatabaseException e) {
                assertThat(e).hasMessageContaining("exafs.db");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(FLIPS / 10);
    }

    @Test
    void read_rowsChangedMissingOrSwapped_areNamed() {
        assertRefused(
                "UPDATE scattering_paths SET reff = reff + 0.001 WHERE path_id = 14", "scattering_paths, path_id=14");
        assertRefused("UPDATE scattering_paths SET type_id = 4 WHERE path_id = 14", "path_id=14");
        assertRefused("UPDATE chi SET param_id = 1 WHERE path_id = 21", "chi, path_id=21");
        assertRefused("DELETE FROM chi WHERE path_id = 21", "expected a row, found none", "path_id=21");
        assertRefused("DELETE FROM path_legs WHERE path_id = 21", "expected a row, found none", "path_id=21");
        assertRefused("DELETE FROM scattering_paths WHERE path_id = 21", "path_id=21");
        assertRefused(
                "UPDATE chi SET (chi_values, row_crc) = (SELECT chi_values, row_crc FROM chi WHERE path_id = 28)"
                        + " WHERE path_id = 21",
                "chi, path_id=21");
        assertRefused("UPDATE path_types SET atomic_numbers = '[92, 9]' WHERE type_id = 1", "path_types");
        assertRefused("UPDATE k_grids SET k_count = 3", "k_grids");
    }

    @Test
    void readAtoms_sumOrPathMissing_isNamed() {
        assertAtomsRefused(
                "UPDATE atom_sums SET path_count = 7 WHERE absorber_id = 2",
                "the atoms of 60 paths, found those of 61");
        assertAtomsRefused("DELETE FROM atom_sums WHERE absorber_id = 2", "the atoms of 60 paths, found those of 54");
        assertAtomsRefused("UPDATE atom_sums SET min_reff = 1 WHERE absorber_id = 2", "atom_sums, absorber_id=2");
        assertAtomsRefused(
                "DELETE FROM scattering_paths WHERE path_id = 28",
                "expected 6 paths of this atom, found 5",
                "absorber_id=1");
    }

    private void assertRefused(String damage, String... told) {
        damage(damage);
        assertThatThrownBy(() -> read(false))
                .isInstanceOf(CorruptDatabaseException.class)
                .hasMessageContainingAll(told);
    }

    private void assertAtomsRefused(String damage, String... told) {
        damage(damage);
        assertThatThrownBy(() -> read(true))
                .isInstanceOf(CorruptDatabaseException.class)
                .hasMessageContainingAll(told);
    }

    private void damage(String sql) {
        try {
            Files.write(file, sound);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        try (Database database = Database.open(file, Access.BUILD)) {
            database.execute("PRAGMA foreign_keys=OFF", sql);
        }
    }

    private List<Object> readAll() throws Exception {
        List<Object> all = new ArrayList<>(read(false));
        all.addAll(read(true));
        try (ExafsAtomDataset shells = ExafsAtomDataset.builder()
                .setDatabase(file)
                .optView(ExafsAtomDataset.View.FIRST_SHELL)
                .optLoaderThreads(0)
                .setSampling(16, false)
                .build()) {
            all.addAll(ExafsBatches.of(shells));
        }
        return all;
    }

    private List<Object> read(boolean atoms) throws Exception {
        try (SqliteDataset<?> dataset = atoms
                ? ExafsAtomDataset.builder()
                        .setDatabase(file)
                        .optLoaderThreads(0)
                        .setSampling(16, false)
                        .build()
                : ExafsDataset.builder()
                        .setDatabase(file)
                        .optSplit(Split.TRAIN)
                        .optLoaderThreads(0)
                        .setSampling(64, false)
                        .build()) {
            return new ArrayList<>(ExafsBatches.of(dataset));
        }
    }
}
