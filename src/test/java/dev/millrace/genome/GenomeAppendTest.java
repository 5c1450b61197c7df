package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.batch.Split;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.SplitRatios;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contigs added to a store that exists, to its splits, and what becomes of its windows. */
final class GenomeAppendTest {
    private static final WindowGeometry GEOMETRY = new WindowGeometry(64, 60, 0, Tail.DROP);

    @TempDir
    Path folder;

    private Map<String, String> first;
    private Map<String, String> second;
    private Path store;

    @BeforeEach
    void importFirst() throws IOException {
        // Longer than a chunk, of one chunk, and without bases.
        first = GenomeFixture.contigs(1, 40_000, 300, 16_384, 0, 700, 90);
        second = new TreeMap<>();
        GenomeFixture.contigs(2, 500, 20_000, 64, 0).forEach((id, bases) -> second.put("N" + id, bases));
        store = folder.resolve("store.db");
        imports(fasta("first.fa", first)).run();
    }

    private Path fasta(String name, Map<String, String> contigs) throws IOException {
        StringBuilder text = new StringBuilder();
        contigs.forEach((id, bases) ->
                text.append('>').append(id).append('\n').append(bases).append('\n'));
        return Files.writeString(folder.resolve(name), text);
    }

    private GenomeImport imports(Path... files) {
        GenomeImport imports = new GenomeImport().setStore(store);
        for (Path file : files) {
            imports.addFasta(file);
        }
        return imports;
    }

    private GenomeImport append(Path... files) {
        return imports(files).optAppend(true);
    }

    private List<String> rows(Path file, String sql) {
        try (Database database = Database.open(file, Access.READ)) {
            return database.read(sql, connection -> {
                List<String> rows = new ArrayList<>();
                try (var select = connection.prepareStatement(sql);
                        ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        List<String> cells = new ArrayList<>();
                        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                            cells.add(row.getString(i));
                        }
                        rows.add(String.join("|", cells));
                    }
                }
                return rows;
            });
        }
    }

    private Map<String, String> info(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            return Schema.info(database);
        }
    }

    @Test
    void append_moreFiles_givesTheRowsOfAnImportOfAll() throws IOException {
        Path more = fasta("second.fa", second);
        GenomeImportReport report = append(more).run();
        assertThat(report.contigs()).isEqualTo(10);
        assertThat(report.emptyContigs()).isEqualTo(2);
        assertThat(report.appended()).isEqualTo(new GenomeImportReport.Appended(4, 4, 20_564, 0, 0));
        assertThat(Verification.verify(store).faults()).isEmpty();
        assertThat(GenomeVerification.verify(store, List.of(), state -> {}).faults())
                .isEmpty();

        Path whole = folder.resolve("whole.db");
        new GenomeImport()
                .addFasta(folder.resolve("first.fa"))
                .addFasta(more)
                .setStore(whole)
                .run();
        for (String sql : List.of(
                "SELECT seq_id, contig_id, sample_id, length, first_chunk, row_crc FROM contigs ORDER BY 1",
                "SELECT chunk_id, row_crc, length(bases) FROM chunks ORDER BY 1",
                "SELECT table_name, row_count, digest FROM manifest ORDER BY 1",
                "SELECT key, value FROM dataset_info WHERE key IN ('contigs', 'bases', 'samples', 'composition', 'records',"
                        + " 'empty_contigs', 'source_bytes') ORDER BY 1")) {
            assertThat(rows(store, sql)).as(sql).isEqualTo(rows(whole, sql));
        }
        assertThat(info(store))
                .containsEntry("append_1_source", "second.fa")
                .containsEntry("append_1_added", "4")
                .containsEntry("source_1", "first.fa")
                .containsKey("append_1_source_sha256");
    }

    @Test
    void append_filesThatTheStoreHas_isUpToDateAndWritesNothing() throws IOException {
        Path more = fasta("second.fa", second);
        append(more).run();
        byte[] file = Files.readAllBytes(store);
        assertThat(append(more).run().upToDate()).isTrue();
        assertThat(append(folder.resolve("first.fa"), more).run().upToDate()).isTrue();
        GenomeImportReport copy = append(fasta("copy.fa", second))
                .optSampleIds(SampleIds.pattern("EXT-([^_]+)__"))
                .run();
        assertThat(copy.upToDate()).isTrue();
        assertThat(copy.appended().alreadyStored()).isEqualTo(4);
        assertThat(Files.readAllBytes(store)).isEqualTo(file);
        assertThatThrownBy(() -> imports(folder.resolve("first.fa")).run())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("second.fa was appended to it");
        assertThatThrownBy(
                        () -> append(more).setStore(folder.resolve("none.db")).run())
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void append_sameNameWithOtherBasesOrSample_isRejectedAndSameContigsArePassedOver() throws IOException {
        List<String> names = List.copyOf(first.keySet());
        Map<String, String> mixed = new TreeMap<>(second);
        mixed.put(names.get(0), first.get(names.get(0)));
        mixed.put(names.get(1), first.get(names.get(1)) + "A");
        Path file = fasta("mixed.fa", mixed);
        Path rejects = folder.resolve("rejects.tsv");
        assertThatThrownBy(() -> append(file).run()).isInstanceOf(RejectedInputException.class);
        GenomeImportReport report =
                append(file).optMaxRejects(0.2).optRejects(rejects).run();
        assertThat(report.appended()).isEqualTo(new GenomeImportReport.Appended(6, 4, 20_564, 1, 1));
        assertThat(report.rejects()).containsEntry("duplicate", 1L);
        assertThat(Files.readString(rejects)).contains(names.get(1)).contains("expected its bases, found others");
        assertThat(Verification.verify(store).faults()).isEmpty();
        // The same bases, but said to be of another sample.
        Path named = fasta("named.fa", Map.of(names.get(0), first.get(names.get(0)), "new", "ACGT"));
        GenomeImportReport other = append(named)
                .optSampleIds(SampleIds.fixed("mine"))
                .optMaxRejects(0.5)
                .run();
        assertThat(other.appended()).isEqualTo(new GenomeImportReport.Appended(2, 1, 4, 0, 1));
        assertThat(rows(store, "SELECT sample_id FROM contigs WHERE contig_id = 'new'"))
                .containsExactly("mine");
        assertThat(info(store)).containsEntry("rejects_duplicate", "2").containsEntry("appends", "2");
    }

    @Test
    void append_toAStoreOfOneSample_wantsToKnowTheSampleOfTheNewOnes() throws IOException {
        imports(folder.resolve("first.fa"))
                .optSampleIds(SampleIds.fixed("one"))
                .optRebuild(true)
                .run();
        Path more = fasta("second.fa", second);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> append(more).run())
                .withMessageContaining("sample one")
                .withMessageContaining("--sample");
        append(more).optSampleIds(SampleIds.fixed("two")).run();
        assertThat(rows(store, "SELECT sample_id, count(*) FROM contigs GROUP BY 1 ORDER BY 1"))
                .containsExactly("one|6", "two|4");
    }

    @Test
    void split_appended_keepsOldPlacesAndSamplesTogether() throws IOException {
        new ContigSplit()
                .setSource(store)
                .optBy(ContigSplit.By.SAMPLE)
                .optRatios(SplitRatios.parse("0.5,0,0.5"))
                .run();
        windows(Split.TRAIN);
        List<String> before = rows(store, "SELECT seq_id, split FROM contig_splits ORDER BY 1");
        List<String> windows = rows(store, "SELECT set_id, first_window, seq_id FROM window_contigs ORDER BY 1, 2");
        // Two more samples, and more of the two that are there.
        Map<String, String> more = new TreeMap<>();
        for (int i = 0; i < 4; i++) {
            more.put("BCR__EXT-S" + i + "__new", "ACGTACGT".repeat(20 + i));
        }
        append(fasta("more.fa", more)).run();
        assertThat(rows(store, "SELECT seq_id, split FROM contig_splits ORDER BY 1"))
                .isEqualTo(before);
        assertThatThrownBy(() -> new ContigSplit()
                        .setSource(store)
                        .optBy(ContigSplit.By.SAMPLE)
                        .run())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("--append");
        assertThatThrownBy(() -> new ContigSplit()
                        .setSource(store)
                        .optAppend(true)
                        .optSeed(3)
                        .optBy(ContigSplit.By.CONTIG)
                        .run())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("expected split_by contig, found sample")
                .hasMessageContaining("expected split_seed 3, found 42");

        ContigSplitReport report =
                new ContigSplit().setSource(store).optAppend(true).run();

        assertThat(report.parts().get(Split.TRAIN).contigs()).isEqualTo(2);
        assertThat(report.parts().get(Split.TEST).contigs()).isEqualTo(2);
        assertThat(report.staleSets()).containsExactly("train");
        assertThat(rows(store, "SELECT seq_id, split FROM contig_splits WHERE seq_id <= 6 ORDER BY 1"))
                .isEqualTo(before);
        assertThat(rows(store, """
                        SELECT sample_id FROM contigs JOIN contig_splits USING (seq_id)
                        GROUP BY 1 HAVING count(DISTINCT split) > 1""")).isEmpty();
        // The windows of before are still right, and say so; computed again they have the new contigs.
        assertThat(rows(store, "SELECT set_id, first_window, seq_id FROM window_contigs ORDER BY 1, 2"))
                .isEqualTo(windows);
        assertThat(GenomeVerification.verify(store, List.of(), state -> {}).faults())
                .isEmpty();
        assertThatThrownBy(() -> windows(Split.TRAIN))
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("of other contigs or lengths")
                .hasMessageContaining("--force");
        assertThat(new ContigSplit().setSource(store).optAppend(true).run().upToDate())
                .isTrue();
        assertThat(Verification.verify(store).faults()).isEmpty();
    }

    private void windows(Split split) throws IOException {
        new WindowIndexBuilder()
                .setGeometry(GEOMETRY)
                .setContigs(SplitFile.open(store, split))
                .setOutput(store)
                .optSplit(split)
                .build();
    }

    @Test
    void estimate_ofAnyFiles_isBelowWhatTheStoreTakes() throws IOException {
        Path plain = fasta("some.fa", GenomeFixture.contigs(5, 200_000, 90_000, 300));
        Path gzip = folder.resolve("some.fa.gz");
        try (var out = new java.util.zip.GZIPOutputStream(Files.newOutputStream(gzip))) {
            Files.copy(plain, out);
        }
        imports(gzip).optRebuild(true).run();
        long size = Files.size(store);
        assertThat(GenomeSpace.ofFasta(List.of(plain))).isBetween(size / 2, size);
        assertThat(GenomeSpace.ofFasta(List.of(gzip))).isBetween(size / 3, size);
    }

    @Test
    void estimate_ofWindows_isBelowWhatTheirDatabaseTakes() throws IOException {
        List<ContigLength> contigs = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            contigs.add(new ContigLength("c" + i, 3_000));
        }
        GenomeSpace.Windows measured = new GenomeSpace.Windows(ContigLengths.of("contigs", contigs), GEOMETRY);
        Path windows = folder.resolve("windows.db");
        new WindowIndexBuilder()
                .setGeometry(GEOMETRY)
                .setContigs(measured)
                .setOutput(windows)
                .build();
        assertThat(measured.bytes()).isBetween(Files.size(windows) / 3, Files.size(windows));
    }

    @Test
    void shares_ofMoreUnits_makeUpForWhatIsMissing() {
        SplitRatios ratios = SplitRatios.defaults();
        assertThat(SplitDraw.shares(10, new long[] {0, 0, 0}, ratios)).containsExactly(8, 1, 1);
        assertThat(SplitDraw.shares(10, new long[] {90, 0, 0}, ratios)).containsExactly(0, 5, 5);
        assertThat(SplitDraw.shares(1, new long[] {8, 1, 1}, ratios)).containsExactly(1, 0, 0);
        assertThat(SplitDraw.shares(100, new long[] {80, 10, 10}, ratios)).containsExactly(80, 10, 10);
    }
}
