package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** On the databases of the original, with the items that it made of them. */
class GenomeWindowsCommandTest {
    private static final Path REFERENCE = Path.of("../shared/data/genome/reference");
    private static final Path SAMPLES = REFERENCE.resolve("sequence_db_dir");
    private static final Path WINDOWS = REFERENCE.resolve("windows_W128_S100_T0.db");

    @BeforeEach
    void assumeReference() {
        assumeTrue(Files.isDirectory(SAMPLES), "skipped: " + SAMPLES + " is not there");
    }

    @ParameterizedTest
    @CsvSource({
        "plain,",
        "ctrl, --control-tags",
        "nobos_noeos, --no-bos --no-eos",
        "noeos, --no-eos",
        "rc_always, --rc always",
        "ctrl_noeos, --control-tags --no-eos"
    })
    void windows_jsonOfTheOriginalsFiles_areItsItems(String config, String options) throws IOException {
        JsonNode items = JsonMapper.shared()
                .readTree(Files.readString(REFERENCE.resolve("windows_W128_S100_items.json")))
                .get("windows")
                .get(config);
        List<String> indexes = new ArrayList<>();
        items.forEach(item -> indexes.add(item.get("window_idx").toString()));

        Shell shell = windows(Stream.concat(
                        Stream.of("--index", String.join(",", indexes), "--json"),
                        options == null ? Stream.empty() : Stream.of(options.split(" ")))
                .toArray());

        assertThat(shell.code()).as(shell.error()).isZero();
        List<String> lines = shell.out().lines().toList();
        assertThat(lines).hasSize(items.size());
        for (int i = 0; i < lines.size(); i++) {
            JsonNode ours = JsonMapper.shared().readTree(lines.get(i));
            for (String field : List.of("window_idx", "tokens", "labels", "loss_mask")) {
                assertThat(ours.get(field))
                        .as(field + " of " + i)
                        .isEqualTo(items.get(i).get(field));
            }
            assertThat(ours.get("position_ids")).hasSize(128);
            assertThat(ours.get("position_ids").get(127).asInt()).isEqualTo(127);
            assertThat(ours.propertyNames())
                    .containsExactly("window_idx", "tokens", "labels", "loss_mask", "position_ids");
        }
    }

    @Test
    void windows_forPersons_showsBasesAndPredictedPlaces() {
        Shell shell = windows("--index", "632,641", "--control-tags");

        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(shell.out())
                .contains("window 632: window 0 of contig EDG__EXT-EDGE1__CT1-e1, 1 bases, 1 of 128 tokens predicted")
                .contains("<BOS><ctrl_edg><SEP>G<EOS><PAD>×114")
                .contains("predicted after tokens: 11")
                .contains("predicted after tokens: none");
    }

    @Test
    void windows_randomStrand_isTheSameInTheSameEpochAndOtherInAnother() {
        Object[] first = {"--index", "0,1,2,3,4,5,6,7,8,9", "--rc", "random", "--seed", "7", "--json"};
        Shell once = windows(first);

        assertThat(windows(first).out()).isEqualTo(once.out());
        assertThat(windows(Stream.concat(Stream.of(first), Stream.of("--epoch", "1"))
                                .toArray())
                        .out())
                .isNotEqualTo(once.out());
    }

    @Test
    void windows_allOfThem_countsAsTheMetadata() {
        Shell shell = windows("--all", "--json");

        assertThat(shell.out().lines()).hasSize(1292);
    }

    @ParameterizedTest
    @CsvSource({
        "--index 1292, found 1292",
        "--index -1, found -1",
        "--index 99999999999, found 99999999999",
        "--index 0 --legacy-header --no-bos, legacy header",
        "--index 0 --tokenizer nowhere.json, nowhere.json"
    })
    void windows_badOptions_areUsageErrors(String options, String expected) {
        Shell shell = windows((Object[]) options.split(" "));

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.error()).contains(expected).doesNotContain("Exception");
    }

    @Test
    void windows_inAStore_areShownByWindowsAndInspect(@TempDir Path folder) throws IOException {
        Path fasta = Files.writeString(folder.resolve("f.fa"), ">BCR__EXT-S1__CT1-1\nACGTNacgtn\n");
        Path store = folder.resolve("store.db");
        assertThat(Shell.millrace("genome", "import", "--fasta", fasta, "--out", store, "-q")
                        .code())
                .isZero();
        assertThat(Shell.millrace("genome", "precompute", store, "--window-size", 8, "--stride", 2, "-q")
                        .code())
                .isZero();

        Shell windows = Shell.millrace(
                "genome",
                "windows",
                "--sequences",
                store,
                "--split",
                "all",
                "--seq-length",
                8,
                "--stride",
                2,
                "--index",
                1);
        Shell inspect = Shell.millrace("genome", "inspect", store, "--window", 1);

        assertThat(windows.out())
                .contains("window 1: window 1 of contig BCR__EXT-S1__CT1-1")
                .contains("<BOS>GTNACG<EOS>");
        assertThat(inspect.code()).as(inspect.error()).isZero();
        assertThat(inspect.out()).contains("split all").contains("<BOS>GTNACG<EOS>");
        assertThat(Shell.millrace("genome", "inspect", store, "--window", 9).error())
                .contains("found 9");
        assertThat(Shell.millrace("genome", "inspect", WINDOWS, "--window", 0).code())
                .isEqualTo(2);
    }

    @Test
    void windows_ofAnotherSize_tellsBothSizes() {
        Shell shell = Shell.millrace(
                "genome",
                "windows",
                "--sequences",
                SAMPLES,
                "--windows",
                WINDOWS,
                "--seq-length",
                256,
                "--stride",
                100,
                "--index",
                0);

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.error()).contains("window_size=128").contains("256");
    }

    private static Shell windows(Object... options) {
        return Shell.millrace(Stream.concat(
                        Stream.of(
                                "genome",
                                "windows",
                                "--sequences",
                                SAMPLES,
                                "--windows",
                                WINDOWS,
                                "--seq-length",
                                128,
                                "--stride",
                                100),
                        Stream.of(options))
                .toArray());
    }
}
