package dev.millrace.pcqm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import dev.millrace.batch.Split;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.SplitRatios;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.Verification;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Molecules added to a database that exists. */
class PcqmAppendTest {
    private static final int ALL = 900;
    private static final int FIRST = 530;
    private static final String HEADER = "idx,smiles,homolumogap";

    @TempDir
    Path folder;

    private List<String> lines;
    private Path out;

    @BeforeEach
    void readSample() throws IOException {
        out = folder.resolve("pcqm.db");
        try (BufferedReader text = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(PcqmFixture.sample(folder, ALL))), StandardCharsets.UTF_8))) {
            lines = text.lines().toList();
        }
        assertThat(lines.get(0)).isEqualTo(HEADER);
    }

    /** A CSV file of some of the sample's molecules. */
    private Path csv(String name, int from, int to) throws IOException {
        return csv(name, lines.subList(from + 1, to + 1));
    }

    private Path csv(String name, List<String> records) throws IOException {
        return Files.writeString(folder.resolve(name), HEADER + "\n" + String.join("\n", records) + "\n");
    }

    private PcqmBuilder builder(Path csv) {
        return new PcqmBuilder().setCsv(csv).setDatabase(out).optThreads(2);
    }

    private PcqmBuilder append(Path csv) {
        return builder(csv).optAppend(true);
    }

    private Map<String, String> info(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            return Schema.info(database);
        }
    }

    @ParameterizedTest
    @EnumSource(PcqmLayout.class)
    void append_secondPart_givesTheFileOfABuildOfBoth(PcqmLayout layout) throws IOException {
        Path rejected = csv("second.csv", FIRST, ALL);
        Files.writeString(rejected, "901,not a molecule,3\n", java.nio.file.StandardOpenOption.APPEND);
        // The own splits are a function of idx, and so the same for any order of inputs.
        builder(csv("first.csv", 0, FIRST))
                .optLayout(layout)
                .optSplit(PcqmSplitChoice.own())
                .optGraphsPerBlock(64)
                .optSourceIndexes(true)
                .build();
        PcqmBuildReport report = append(rejected).build();
        assertThat(report.molecules()).isEqualTo(ALL);
        assertThat(report.recordsPresent()).isEqualTo(ALL + 1);
        assertThat(report.appended()).isEqualTo(new PcqmBuildReport.Appended(ALL - FIRST + 1, ALL - FIRST, 0, 1, 0));
        assertThat(report.layout()).isEqualTo(layout.name().toLowerCase(java.util.Locale.ROOT));
        assertThat(Verification.verify(out).faults()).isEmpty();

        Path whole = folder.resolve("whole.db");
        Path both = csv("both.csv", 0, ALL);
        Files.writeString(both, "901,not a molecule,3\n", java.nio.file.StandardOpenOption.APPEND);
        builder(both)
                .setDatabase(whole)
                .optLayout(layout)
                .optSplit(PcqmSplitChoice.own())
                .optGraphsPerBlock(64)
                .optSourceIndexes(true)
                .build();
        assertThat(PcqmFixture.digests(out)).isEqualTo(PcqmFixture.digests(whole));
        for (String sql : List.of(
                "SELECT key, value FROM dataset_stats ORDER BY 1",
                "SELECT record, idx, reason, detail FROM rejects",
                "SELECT first_idx, split, graph_count, row_crc FROM graph_blocks ORDER BY 1",
                "SELECT split, id_count, hex(ids) FROM split_ids ORDER BY 1",
                "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY 1",
                "SELECT key, value FROM dataset_info WHERE key IN ('totals', 'molecules', 'records_present', 'unlabelled')"
                        + " ORDER BY 1")) {
            assertThat(PcqmFixture.query(out, sql)).as(sql).isEqualTo(PcqmFixture.query(whole, sql));
        }
        assertThat(info(out))
                .containsEntry("append_1_source", "second.csv")
                .containsEntry("append_1_added", Integer.toString(ALL - FIRST))
                .containsEntry("source_csv", "first.csv");
        assertThat(PcqmBuilder.hasPartial(out)).isFalse();
    }

    @Test
    void append_inputThatTheFileHas_isUpToDateAndOverlapIsPassedOver() throws IOException {
        Path first = csv("first.csv", 0, FIRST);
        builder(first).optLayout(PcqmLayout.BLOCKS).build();
        byte[] before = Files.readAllBytes(out);
        assertThat(append(first).build().upToDate()).isTrue();
        PcqmBuildReport part = append(csv("part.csv", 100, 200)).build();
        assertThat(part.upToDate()).isTrue();
        assertThat(part.appended()).isEqualTo(new PcqmBuildReport.Appended(100, 0, 100, 0, 0));
        assertThat(Files.readAllBytes(out)).isEqualTo(before);
        assertThat(PcqmBuilder.hasPartial(out)).isFalse();

        Path overlap = csv("overlap.csv", FIRST - 30, FIRST + 50);
        assertThat(append(overlap).build().appended()).isEqualTo(new PcqmBuildReport.Appended(80, 50, 30, 0, 0));
        assertThat(append(overlap).build().upToDate()).isTrue();
        assertThat(Verification.verify(out).faults()).isEmpty();
        assertThatThrownBy(() -> builder(first).optLayout(PcqmLayout.BLOCKS).build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("overlap.csv was appended");
        assertThatThrownBy(() ->
                        append(first).setDatabase(folder.resolve("none.db")).build())
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void append_ratios_keepOldPlacesAndMakeUpTheShares() throws IOException {
        builder(csv("first.csv", 0, FIRST)).build();
        List<String> before = PcqmFixture.query(out, "SELECT idx, split FROM molecules ORDER BY idx");
        // More than half again, in small lots.
        for (int from = FIRST; from < ALL; from += 37) {
            append(csv("lot" + from + ".csv", from, from + 37)).build();
        }
        assertThat(PcqmFixture.query(out, "SELECT idx, split FROM molecules WHERE idx < " + FIRST + " ORDER BY idx"))
                .isEqualTo(before);
        assertThat(PcqmFixture.query(out, "SELECT split, count(*) FROM molecules GROUP BY 1 ORDER BY 1"))
                .containsExactly("test|90", "train|720", "val|90");
        assertThat(info(out)).containsEntry("appends", "10").containsEntry("split_count_train", "720");
        assertThat(Verification.verify(out).faults()).isEmpty();
    }

    @Test
    void append_otherMoleculeOfAStoredIdx_isRejectedAndRowsTakeAnyOrder() throws IOException {
        List<String> some = new ArrayList<>(lines.subList(201, 301));
        builder(csv("first.csv", some)).build();
        List<String> graphs = PcqmFixture.graphs(out);
        String[] other = lines.get(210).split(",", -1);
        Path mixed = csv(
                "mixed.csv",
                List.of(
                        lines.get(150),
                        other[0] + "," + other[1] + ",99.5",
                        lines.get(20),
                        lines.get(20),
                        lines.get(400)));
        Path rejects = folder.resolve("rejects.tsv");
        PcqmBuildReport report =
                append(mixed).optMaxRejects(0.5).optRejects(rejects).build();
        assertThat(report.appended()).isEqualTo(new PcqmBuildReport.Appended(5, 3, 1, 1, 0));
        assertThat(Files.readString(rejects)).contains("mixed.csv\t1\t" + other[0] + "\tduplicate_idx\t");
        assertThat(PcqmFixture.query(out, "SELECT record FROM rejects")).containsExactly("101");
        assertThat(PcqmFixture.graphs(out)).hasSize(103).containsAll(graphs);
        assertThat(Verification.verify(out).faults()).isEmpty();
        assertThatThrownBy(() -> append(csv("bad.csv", List.of(other[0] + "," + other[1] + ",99.5")))
                        .optMaxRejects(1)
                        .build())
                .isInstanceOf(RejectedInputException.class);
        assertThat(PcqmBuilder.hasPartial(out)).isFalse();
    }

    @Test
    void append_toBlocksBelowTheirLargestIdx_isRefusedAndChangesNothing() throws IOException {
        builder(csv("first.csv", 200, 300)).optLayout(PcqmLayout.BLOCKS).build();
        byte[] before = Files.readAllBytes(out);
        assertThatThrownBy(() -> append(csv("low.csv", 100, 250)).build())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("expected every new idx above the largest of the database")
                .hasMessageContaining("layout rows");
        assertThat(Files.readAllBytes(out)).isEqualTo(before);
        assertThat(PcqmBuilder.hasPartial(out)).isFalse();
    }

    @Test
    void append_otherSettingsThanTheFiles_areRefusedNamingBoth() throws IOException {
        builder(csv("first.csv", 0, 50)).build();
        Path more = csv("more.csv", 50, 100);
        assertThatThrownBy(() -> append(more)
                        .optLayout(PcqmLayout.BLOCKS)
                        .optFeatureSpec("bitspec-48-6")
                        .optSeed(1)
                        .optSmiles(false)
                        .optSplitRatios(SplitRatios.parse("0.5,0.25,0.25"))
                        .build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("expected layout blocks, found rows")
                .hasMessageContaining("expected feature_spec bitspec-48-6, found ogb-9-3")
                .hasMessageContaining("expected seed 1, found 42")
                .hasMessageContaining("expected smiles false, found true")
                .hasMessageContaining("expected splits ratios 0.5,0.25,0.25, found ratios 0.8,0.1,0.1");
        assertThatThrownBy(() -> append(more).optSplit(PcqmSplitChoice.own()).build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("expected splits own, found ratios 0.8,0.1,0.1");
    }

    @Test
    void append_toADivisionByFile_wantsAFileForTheNewOnes() throws IOException {
        Path splits = Files.writeString(folder.resolve("splits.csv"), "idx,split\n0,train\n1,train\n2,valid\n");
        builder(csv("first.csv", 0, 3)).optSplit(PcqmSplitChoice.file(splits)).build();
        Path more = csv("more.csv", 3, 6);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> append(more).build())
                .withMessageContaining("--split FILE");
        Path others = Files.writeString(folder.resolve("others.csv"), "idx,split\n3,val\n4,test-dev\n");
        PcqmBuildReport report =
                append(more).optSplit(PcqmSplitChoice.file(others)).build();
        assertThat(report.appended()).isEqualTo(new PcqmBuildReport.Appended(3, 2, 0, 0, 1));
        assertThat(report.splits()).isEqualTo(Map.of("train", 2L, "val", 2L, "test-dev", 1L));
        assertThat(Verification.verify(out).faults()).isEmpty();
    }

    @Test
    void append_sdf_numbersItsRecordsOn() throws IOException {
        Path sdf = folder.resolve("some.sdf");
        String record = """



                  1  0  0  0  0  0  0  0  0  0999 V2000
                    0.0000    0.0000    0.0000 C   0  0  0  0  0  0  0  0  0  0  0  0
                M  END
                > <homolumogap>
                %s

                $$$$
                """;
        Files.writeString(sdf, String.format(record, "1.5") + String.format(record, "2.5"));
        new PcqmBuilder().setSdf(sdf).setDatabase(out).build();
        Path more = Files.writeString(folder.resolve("more.sdf"), String.format(record, "3.5"));
        new PcqmBuilder().setSdf(more).setDatabase(out).optAppend(true).build();
        assertThat(PcqmFixture.query(out, "SELECT idx, homo_lumo_gap FROM molecules ORDER BY idx"))
                .containsExactly("0|1.5", "1|2.5", "2|3.5");
        assertThat(Verification.verify(out).faults()).isEmpty();
        assertThatThrownBy(() -> append(csv("more.csv", 3, 6)).build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("expected source_kind csv, found sdf");
    }

    @ParameterizedTest
    @EnumSource(PcqmLayout.class)
    void estimate_ofAnyMolecules_isBelowWhatTheDatabaseTakes(PcqmLayout layout) throws IOException {
        List<String> atoms = new ArrayList<>();
        for (int idx = 0; idx < 2_000; idx++) {
            atoms.add(idx + ",C,1.5");
        }
        for (Path input : List.of(csv("some.csv", 0, ALL), csv("atoms.csv", atoms))) {
            builder(input)
                    .optLayout(layout)
                    .optSmiles(layout == PcqmLayout.ROWS)
                    .optRebuild(true)
                    .build();
            PcqmPlan plan = new PcqmRequest(
                            layout, null, null, null, null, null, PcqmSplitChoice.automatic(), null, null, 0, 1)
                    .overDefaults(new CsvSource(input, List.of()), state -> {});
            assertThat(PcqmSpace.estimate(plan)).isBetween(Files.size(out) / 3, Files.size(out));
        }
    }

    @Test
    void dataset_afterAppending_readsAllOfEverySplit() throws Exception {
        builder(csv("first.csv", 0, FIRST))
                .optLayout(PcqmLayout.BLOCKS)
                .optGraphsPerBlock(32)
                .build();
        append(csv("second.csv", FIRST, ALL)).build();
        long samples = 0;
        for (Split split : List.of(Split.TRAIN, Split.VALIDATION, Split.TEST)) {
            try (PcqmDataset dataset = PcqmDataset.builder()
                            .setDatabase(out)
                            .optSplit(split)
                            .optUnlabelled(true)
                            .setSampling(64, true)
                            .build();
                    NDManager manager = NDManager.newBaseManager()) {
                for (var batch : dataset.getData(manager)) {
                    samples += batch.getSize();
                    batch.close();
                }
            }
        }
        assertThat(samples).isEqualTo(ALL);
    }
}
