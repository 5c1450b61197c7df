package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.build.BuildProgress;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.DatabaseOptimizer;
import dev.millrace.sqlite.SchemaMismatchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExafsVerificationTest {
    @TempDir
    Path folder;

    private Path database;

    @BeforeEach
    void build() throws IOException {
        database = folder.resolve("chi.db");
        ExafsTree.builder(ExafsTree.sample(folder.resolve("tree"), 2, 2, 5), database)
                .build();
    }

    private List<String> faults() {
        return ExafsVerification.verify(database, BuildProgress.NONE).faults();
    }

    @Test
    void verify_everyKindOfDamage_isFoundAndNamed() throws Exception {
        byte[] sound = Files.readAllBytes(database);
        String[][] damages = {
            {"DELETE FROM scattering_paths WHERE path_id = 3", "orphan: χ of no path (chi, path_id=3)"},
            {"DELETE FROM chi WHERE path_id = 4", "missing: a path without χ (path_id=4)"},
            {"DELETE FROM path_legs WHERE path_id = 4", "missing: a path without legs (path_id=4)"},
            {"DELETE FROM feff_arrays WHERE path_id = 4", "missing: a path without columns (path_id=4)"},
            {"DELETE FROM atom_sums WHERE absorber_id = 2", "missing: an absorber without a sum"},
            {"DELETE FROM absorbers WHERE absorber_id = 2", "orphan: a path of no absorber"},
            {"UPDATE scattering_paths SET reff = reff + 1 WHERE path_id = 2", "Damaged row"},
            {"UPDATE absorbers SET element = 'Fe' WHERE absorber_id = 1", "damaged row (absorbers, absorber_id=1)"},
            {"UPDATE path_types SET path_type = 'X' WHERE type_id = 1", "damaged row (path_types, type_id=1)"},
            {
                "UPDATE chi SET chi_values = substr(chi_values, 1, length(chi_values) - 8) WHERE path_id = 2",
                "wrong BLOB of χ (chi, path_id=2"
            },
            // A header of two values and 16 bytes: another number of them than the grid has.
            {
                "UPDATE chi SET chi_values = x'A109000102' || zeroblob(16) WHERE path_id = 2",
                "wrong size of χ (chi, path_id=2: expected 401 values"
            },
            {
                "UPDATE chi SET chi_values = CAST(substr(chi_values, 1, 6) || x'000000000000F87F'"
                        + " || substr(chi_values, 15) AS BLOB) WHERE path_id = 2",
                "not finite: χ (chi, path_id=2, NaN)"
            },
            {
                "UPDATE atom_sums SET chi_values = (SELECT chi_values FROM chi WHERE path_id = 1) WHERE absorber_id = 1",
                "a sum that is not that of its paths"
            },
            {"UPDATE absorbers SET path_count = 4 WHERE absorber_id = 1", "another number of paths than it says"},
            {
                "INSERT INTO absorbers SELECT 99, 77, 1, folder, element, atomic_number, NULL, NULL, NULL, 0, 0, NULL, NULL, 1"
                        + " FROM absorbers WHERE absorber_id = 1",
                "missing or additional rows (absorbers"
            },
            {"UPDATE dataset_info SET value = '21' WHERE key = 'paths'", "Damaged dataset_info"},
        };
        for (String[] damage : damages) {
            Files.write(database, sound);
            assertThat(faults()).isEmpty();
            ExafsTree.change(database, "PRAGMA foreign_keys=0", damage[0]);
            assertThat(faults()).as(damage[0]).anyMatch(fault -> fault.contains(damage[1]));
        }
    }

    @Test
    void verify_duplicatesWithoutTheirIndex_areFound() throws Exception {
        ExafsTree.change(
                database,
                "PRAGMA writable_schema=1",
                "UPDATE sqlite_schema SET sql = replace(sql, ',' || char(10) || '  UNIQUE (absorber_id, path_num)', '')"
                        + " WHERE name = 'scattering_paths'",
                "DELETE FROM sqlite_schema WHERE name = 'sqlite_autoindex_scattering_paths_1'",
                "PRAGMA writable_schema=RESET");
        ExafsTree.change(database, "UPDATE scattering_paths SET path_num = 1 WHERE path_id = 2");

        assertThat(faults()).anyMatch(fault -> fault.contains("duplicate: two paths of one number"));
    }

    @Test
    void verify_bytesOverwrittenAnywhere_isNeverSoundUnlessUnused() throws Exception {
        byte[] sound = Files.readAllBytes(database);
        java.util.Random random = new java.util.Random(5);
        int found = 0;
        for (int i = 0; i < 40; i++) {
            byte[] damaged = sound.clone();
            int at = random.nextInt(damaged.length - 8);
            for (int j = 0; j < 8; j++) {
                damaged[at + j] ^= (byte) (1 + random.nextInt(255));
            }
            Files.write(database, damaged);
            try {
                found += faults().isEmpty() ? 0 : 1;
            } catch (DatabaseException e) {
                found++;
            }
        }
        // The file is small: two thirds of it are room at the ends of pages.
        assertThat(found).isGreaterThan(8);
        Files.write(database, sound);
        assertThat(faults()).isEmpty();
    }

    @Test
    void optimize_soundDatabase_keepsRowsAndPages() throws Exception {
        List<String> before = ExafsTree.digests(database);

        DatabaseOptimizer.optimize(database);

        assertThat(ExafsTree.digests(database)).isEqualTo(before);
        assertThat(ExafsTree.rows(database, "PRAGMA page_size")).containsExactly("16384");
        assertThat(faults()).isEmpty();
    }

    @Test
    void optimize_damagedDatabase_leavesItAsItIs() throws Exception {
        ExafsTree.change(database, "DELETE FROM chi WHERE path_id = 4");
        byte[] before = Files.readAllBytes(database);

        assertThatThrownBy(() -> DatabaseOptimizer.optimize(database)).isInstanceOf(CorruptDatabaseException.class);

        assertThat(Files.readAllBytes(database)).isEqualTo(before);
    }

    @Test
    void verify_anotherKindOfFile_isRefused() throws Exception {
        Path other = folder.resolve("other.db");
        ExafsTree.change(Files.createFile(other), "CREATE TABLE paths (id INTEGER)");
        assertThatThrownBy(() -> ExafsVerification.verify(other, BuildProgress.NONE))
                .isInstanceOf(SchemaMismatchException.class);
        assertThatThrownBy(() -> ExafsClear.clear(other)).isInstanceOf(SchemaMismatchException.class);
        assertThatThrownBy(() -> ExafsOverview.read(other)).isInstanceOf(SchemaMismatchException.class);
        assertThatThrownBy(
                        () -> ExafsTree.builder(folder.resolve("tree"), other).build())
                .isInstanceOf(SchemaMismatchException.class);
        ExafsTree.change(database, "PRAGMA user_version=99");
        assertThatThrownBy(() ->
                        ExafsTree.builder(folder.resolve("tree"), database).build())
                .isInstanceOf(SchemaMismatchException.class)
                .hasMessageContaining("too new");
    }

    @Test
    void read_statistics_countAbsorbersByFrameAndAtom() throws Exception {
        ExafsOverview stats = ExafsOverview.read(database);

        assertThat(stats.paths()).isEqualTo(20);
        assertThat(stats.absorbers()).as("not the distinct atom ids").isEqualTo(4);
        assertThat(stats.frames()).isEqualTo(2);
        assertThat(stats.types()).extracting(ExafsOverview.TypeCount::pathType).containsExactly("U-O");
        assertThat(stats.legs()).containsExactly(java.util.Map.entry("2", 20L));
        assertThat(stats.elements()).containsExactly(java.util.Map.entry("U", 4L));
        assertThat(stats.minHalfLength()).isBetween(2.0, 2.4);
        assertThat(stats.parameterSets()).hasSize(1);
        assertThat(stats.parameterSets().get(0).lastK()).isEqualTo(20.0);
        assertThat(stats.bytesPerPath()).isPositive();
    }
}
