package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The 557 real spectra, when they are there: the default model must beat what needs no model. */
class RealSpectraTest {
    private static final Path DATA = Path.of("..", "shared", "data", "massspec");
    private static final Pattern BEST = Pattern.compile("best loss ([0-9.]+)");
    private static final Pattern BASELINES =
            Pattern.compile("cosine ([0-9.]+) by the mean training spectrum, ([0-9.]+) by the nearest");

    @TempDir
    Path folder;

    @Test
    void train_realSpectraWithTheDefaults_beatsBothBaselines() {
        assumeTrue(Files.isDirectory(DATA), "skipped: ../shared/data is not there");
        Path database = folder.resolve("real.db");
        Shell build = Shell.millrace(
                "spectra",
                "build",
                "--msp",
                DATA.resolve("massbank_ei_ccby.msp"),
                "--mol-dir",
                DATA.resolve("mol/massbank_ei_ccby"),
                "--out",
                database,
                "-q");
        assertThat(build.code()).as(build.error()).isZero();

        Shell train = Shell.millrace(
                "train",
                "configs/finetune.yaml",
                "--set",
                "data.sqlite_db_path=" + database,
                "--set",
                "finetuning.num_epochs=8",
                "--out",
                folder.resolve("run"),
                "-q");

        assertThat(train.code()).as(train.error()).isZero();
        // The loss is 1 − mean cosine.
        double cosine = 1 - Double.parseDouble(group(BEST, train.out(), 1));
        assertThat(cosine)
                .as(train.out())
                .isGreaterThan(Double.parseDouble(group(BASELINES, train.out(), 1)) + 0.1)
                .isGreaterThan(Double.parseDouble(group(BASELINES, train.out(), 2)) + 0.02);
    }

    private static String group(Pattern pattern, String text, int group) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(group);
    }
}
