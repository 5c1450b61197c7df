package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace genome split} and {@code precompute}: what they print, write and return. */
final class GenomeIndexCommandsTest {
    @TempDir
    Path folder;

    private Path split;
    private Path out;

    @BeforeEach
    void write() throws IOException {
        StringBuilder text = new StringBuilder("contig_id,length\n");
        for (int i = 0; i < 40; i++) {
            text.append("BCR__EXT-S")
                    .append(i % 10)
                    .append("__CT1-")
                    .append(i)
                    .append(",")
                    .append(i * 1000)
                    .append('\n');
        }
        split = Files.writeString(folder.resolve("all.csv"), text);
        out = folder.resolve("w.db");
    }

    @Test
    void precompute_json_tellsCountsAndLostBases() {
        Shell shell = precompute("--window-size", 512, "--stride", 500, "--window-min-length-threshold", 100, "--json");

        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(shell.error()).doesNotContain("warning");
        JsonNode json = JsonMapper.shared().readTree(shell.out());
        long windows = 0;
        long lost = 0;
        for (long length = 1000; length < 40_000; length += 1000) {
            long of = 1 + (length - 512) / 500;
            windows += of;
            lost += length - (of - 1) * 500 - 512;
        }
        assertThat(json.get("total_windows").asLong()).isEqualTo(windows);
        assertThat(json.get("distinct_sequences").asLong()).isEqualTo(39);
        assertThat(json.get("skipped_contigs").asLong()).isEqualTo(1);
        assertThat(json.get("skipped_windows").asLong()).isEqualTo(1);
        assertThat(json.get("lost_bases").asLong()).isEqualTo(lost);
        assertThat(json.get("hole_bases").asLong()).isZero();
        // 512 − 3 − <ctrl_bcr> = 499.
        assertThat(json.get("hole_bases_control_tags").asLong()).isEqualTo(1);
        assertThat(json.get("longest_control_tag").asString()).isEqualTo("BCR");
        assertThat(json.get("output").asString()).isEqualTo(out.toString());
    }

    @Test
    void precompute_strideThatLeavesHoles_warnsOfTheirSize() {
        Shell plain = precompute("--window-size", 512, "--stride", 512);
        assertThat(plain.code()).isZero();
        assertThat(plain.error())
                .contains("warning: Holes of 2 bases")
                .contains("at most the 510 bases")
                .contains("found 512");

        Shell tagged = precompute("--window-size", 512, "--stride", 500, "--control-tags", "--force");
        assertThat(tagged.error()).contains("Holes of 1 bases between windows with the control tag <ctrl_bcr>");
        Shell note = precompute("--window-size", 512, "--stride", 500);
        assertThat(note.error()).doesNotContain("warning");
        assertThat(note.out()).contains("up to date").contains("with control tags there would be holes of 1 bases");
    }

    @Test
    void precompute_withoutWindows_isRefusedUnlessAllowed() {
        Shell shell = precompute("--window-min-length-threshold", 10_000);
        assertThat(shell.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(shell.error())
                .contains("at most the window size 8192, found 10000")
                .contains("--allow-empty");
        assertThat(out).doesNotExist();

        Shell allowed = precompute("--window-min-length-threshold", 10_000, "--allow-empty", "--json");
        assertThat(allowed.code()).as(allowed.error()).isZero();
        assertThat(JsonMapper.shared()
                        .readTree(allowed.out())
                        .get("total_windows")
                        .asLong())
                .isZero();
        Path lean = folder.resolve("lean.csv");
        assertThat(Shell.millrace(
                                "genome",
                                "precompute",
                                writeOne(lean),
                                folder.resolve("l.db"),
                                "--window-min-length-threshold",
                                100)
                        .code())
                .isEqualTo(ExitCode.REJECTED.code());
    }

    private static Path writeOne(Path file) {
        try {
            return Files.writeString(file, "contig_id,length\na,5\n");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void precompute_ofWrongUse_saysWhatIsExpected() throws IOException {
        assertThat(precompute("--stride", 0).error()).contains("Expected a stride from 1");
        assertThat(precompute("--tail", "cut").error()).contains("--tail: expected drop, keep or shift, found 'cut'");
        assertThat(precompute("--split", "train").error()).contains("--split: expected a genome store");
        assertThat(Shell.millrace("genome", "precompute", split).error()).contains("Expected OUT.db");
        assertThat(Shell.millrace("genome", "precompute", split, split).code()).isEqualTo(2);
        assertThat(Shell.millrace("genome", "precompute", folder.resolve("no.parquet"), out)
                        .error())
                .contains("No such file: ")
                .contains("no.parquet");
        assertThat(precompute("--window-size", 512, "--stride", 500).code()).isZero();
        Shell other = precompute("--window-size", 512, "--stride", 400);
        assertThat(other.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(other.error()).contains("stride=500").contains("--force");
        Files.writeString(split, "contig_id,length\na,1\nb,x\n");
        Shell wrong = precompute("--force");
        assertThat(wrong.code()).isEqualTo(ExitCode.REJECTED.code());
        assertThat(wrong.error()).contains("all.csv:3").contains("'x'");
    }

    @Test
    void split_withEmptyParts_warnsOfThoseThatHaveAShareAndSaysWhatHelps() throws Exception {
        Files.writeString(split, "contig_id,length\nshort,5000\nlong,50000\n");

        Shell byLength =
                Shell.millrace("genome", "split", split, "--out", folder.resolve("a"), "--ratios", "0.5,0.5,0");
        Shell together = Shell.millrace(
                "genome", "split", split, "--out", folder.resolve("b"), "--ratios", "0.5,0.5,0", "--no-stratify");

        assertThat(byLength.error())
                .contains("Split val is empty", "'--no-stratify'")
                .doesNotContain("Split test");
        assertThat(together.error()).doesNotContain("is empty");
    }

    @Test
    void split_intoFiles_printsATableAndEachCanBePrecomputed() {
        Path splits = folder.resolve("splits");
        Shell shell = Shell.millrace(
                "genome",
                "split",
                split,
                "--by",
                "sample",
                "--ratios",
                "0.6,0.2,0.2",
                "--out",
                splits,
                "--format",
                "parquet");

        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(shell.out()).contains("train").contains("24").contains("test_split.parquet");
        Shell again = Shell.millrace("genome", "split", split, "--out", splits, "--format", "parquet");
        assertThat(again.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(again.error()).contains("--force");
        for (String name : new String[] {"train", "val", "test"}) {
            assertThat(Shell.millrace(
                                    "genome",
                                    "precompute",
                                    splits.resolve(name + "_split.parquet"),
                                    folder.resolve(name + ".db"))
                            .code())
                    .isZero();
        }
        assertThat(Shell.millrace("genome", "split", split).error()).contains("--out");
        assertThat(Shell.millrace("genome", "split", split, "--by", "base").error())
                .contains("--by: expected contig or sample, found 'base'");
        assertThat(Shell.millrace("genome", "split", split, "--ratios", "1,1,1").code())
                .isEqualTo(2);
    }

    @Test
    void store_fromImportToWindowsAndBothLayouts_keepsThemAll() throws IOException {
        StringBuilder fasta = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            fasta.append(">BCR__EXT-S")
                    .append(i % 10)
                    .append("__CT1-")
                    .append(i)
                    .append('\n');
            fasta.append("ACGT".repeat(i * 10)).append("A\n");
        }
        Path file = Files.writeString(folder.resolve("x.fa"), fasta);
        Path store = folder.resolve("store.db");
        done("genome", "import", "--fasta", file, "--out", store, "--id-format", "original");
        done("genome", "split", store, "--by", "sample");
        JsonNode sets = JsonMapper.shared()
                .readTree(done(
                        "genome",
                        "precompute",
                        store,
                        "--window-size",
                        64,
                        "--stride",
                        50,
                        "--tail",
                        "shift",
                        "--json"))
                .get("sets");
        assertThat(sets.size()).isEqualTo(3);
        assertThat(sets.get(0).get("split").asString()).isEqualTo("train");
        done("verify", store);

        Path sharded = folder.resolve("sharded");
        done("genome", "convert", "--from-store", store, "--sharded", sharded);
        assertThat(sharded).isDirectoryContaining("glob:**/train_windows.db");
        Path back = folder.resolve("back.db");
        String json = done(
                "genome",
                "convert",
                "--from-sharded",
                sharded,
                "--out",
                back,
                "--json",
                "--windows",
                "train=" + sharded.resolve("train_windows.db"),
                "--windows",
                "validation=" + sharded.resolve("val_windows.db"));
        assertThat(JsonMapper.shared()
                        .readTree(json)
                        .get("windows")
                        .get(back + "#train")
                        .asLong())
                .isEqualTo(sets.get(0).get("total_windows").asLong());
        done("verify", back);
        // The splits were kept in the first store only, so its folder gives them all.
        assertThat(done("genome", "precompute", sharded, out, "--json")).contains("\"contigs\" : 30");
        assertThat(Shell.millrace(
                                "genome",
                                "convert",
                                "--from-sharded",
                                sharded,
                                "--out",
                                folder.resolve("c.db"),
                                "--windows",
                                "train=" + folder.resolve("none.db"))
                        .code())
                .isEqualTo(2);
        assertThat(folder.resolve("c.db")).doesNotExist();
    }

    private static String done(Object... words) {
        Shell shell = Shell.millrace(words);
        assertThat(shell.code()).as(shell.error()).isZero();
        return shell.out();
    }

    private Shell precompute(Object... options) {
        Object[] words = new Object[options.length + 4];
        words[0] = "genome";
        words[1] = "precompute";
        words[2] = split;
        words[3] = out;
        System.arraycopy(options, 0, words, 4, options.length);
        return Shell.millrace(words);
    }
}
