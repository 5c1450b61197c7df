package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.exafs.ExafsFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys of a configuration that choose samples, as a person types them. */
class SampleSectionTest {
    private static final String KEEP = "data.filter=SELECT path_id FROM scattering_paths WHERE degeneracy > 2";
    private static final String WEIGH = "data.weights=SELECT path_id, degeneracy FROM scattering_paths";

    @TempDir
    static Path folder;

    private static Path database;

    @BeforeAll
    static void write() {
        database = ExafsFile.of(10, 3).write(folder.resolve("exafs.db"));
    }

    private static Shell train(String out, List<String> more, String... settings) {
        List<Object> words = new ArrayList<>(List.of("train", "configs/smoke-exafs.yaml", "--no-baselines", "--out"));
        words.add(folder.resolve(out));
        words.addAll(List.of("--set", "exafs.database=" + database, "--set", "exafs.num_epochs=2"));
        words.addAll(List.of("--set", "metrics.enabled=false"));
        for (String setting : settings) {
            words.addAll(List.of("--set", setting));
        }
        words.addAll(more);
        return Shell.millrace(words.toArray());
    }

    @Test
    void train_filterAndWeights_areFollowedSaidAndKeptInTheRun() throws Exception {
        Path run = folder.resolve("run");
        List<String> resume = List.of("--resume", run.toString());
        Shell cut = train("run", List.of("--max-steps", "3"), KEEP, WEIGH, "data.epoch_samples=64");
        assertThat(cut.code()).as(cut.error()).isZero();
        assertThat(cut.error())
                .containsPattern("The filter keeps [0-9]+ of 144 training samples and [0-9]+ of 18 validation");
        assertThat(Files.readString(run.resolve("config.yaml"))).contains("degeneracy > 2", "epoch_samples: 64");

        for (String[] other : new String[][] {
            {KEEP.replace("> 2", "> 3"), WEIGH, "data.epoch_samples=64"},
            {KEEP, WEIGH.replace("degeneracy", "degeneracy + 1"), "data.epoch_samples=64"},
            {KEEP, "data.epoch_samples=null"}
        }) {
            Shell refused = train("run", resume, other);
            assertThat(refused.code()).isEqualTo(2);
            assertThat(refused.errorLines()).last().asString().contains("Cannot resume", "filter=");
        }
        Shell same = train("run", resume, KEEP, WEIGH, "data.epoch_samples=64");
        assertThat(same.code()).as(same.error()).isZero();
        assertThat(same.out()).contains("after 2 epochs and 8 steps");
    }

    @Test
    void train_columnThatIsNotThere_isOneLineNamingTheKey() {
        Shell filter = train("none", List.of(), "data.filter=SELECT path_id FROM scattering_paths WHERE wrong > 2");
        assertThat(filter.code()).isEqualTo(2);
        assertThat(filter.errorLines())
                .singleElement()
                .asString()
                .contains("data.filter: ", "no such column: wrong", "exafs.db");
        Shell weights = train("none", List.of(), "data.weights=SELECT path_id, wrong FROM scattering_paths");
        assertThat(weights.code()).isEqualTo(2);
        assertThat(weights.errorLines()).singleElement().asString().contains("data.weights: ", "no such column: wrong");
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void train_filterThatKeepsNothing_isRefused() {
        Shell shell =
                train("empty", List.of(), "data.filter=SELECT path_id FROM scattering_paths WHERE degeneracy < 0");
        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.errorLines())
                .singleElement()
                .asString()
                .contains("data.filter: expected it to keep some of the 144 training samples, found none");
    }

    @Test
    void train_severalFaults_areReportedAtOnce() {
        Shell shell = train(
                "faults",
                List.of(),
                "data.filter=DELETE FROM scattering_paths",
                "data.epoch_samples=5",
                "exafs.max_samples=7");
        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.errorLines())
                .singleElement()
                .asString()
                .contains("3 problems", "data.filter must be one SELECT", "data.epoch_samples needs data.weights")
                .contains("exafs.max_samples needs use_subset");
    }
}
