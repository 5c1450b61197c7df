package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FEFF's chi.dat: the original averages rows, which are not of the same k. */
final class ChiFilesTest {
    @TempDir
    Path folder;

    @Test
    void average_filesThatBeginAtDifferentK_isOverTheSameK() throws IOException {
        write("frame_1/atom_0", 0, 401, 0.05, k -> 1 + k);
        write("frame_1/atom_1", 0.05, 400, 0.05, k -> 3 + k);

        ChiAverage average = ChiFiles.find(folder).average(PathCriteria.ALL, null);

        assertThat(average.grid().get(0)).isEqualTo(0.05);
        assertThat(average.grid().size()).isEqualTo(400);
        for (int i = 0; i < 400; i++) {
            assertThat(average.chi()[i])
                    .isCloseTo(2 + average.grid().get(i), org.assertj.core.data.Offset.offset(1e-12));
        }
        assertThat(average.standardError()[7]).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-12));
    }

    @Test
    void average_filesOfOtherSteps_isRefusedUnlessAGridIsGiven() throws IOException {
        write("frame_1/atom_0", 0, 401, 0.05, k -> Math.sin(k));
        write("frame_1/atom_1", 0, 200, 0.1, k -> Math.sin(k));
        ChiFiles files = ChiFiles.find(folder);

        assertThatThrownBy(() -> files.average(PathCriteria.ALL, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("atom_1");
        ChiAverage average = files.average(PathCriteria.ALL, KGrid.of(1, 10, 0.5));
        assertThat(average.chi()[2]).isCloseTo(Math.sin(2), org.assertj.core.data.Offset.offset(1e-4));
        assertThatThrownBy(() -> files.average(PathCriteria.ALL, KGrid.of(0, 25, 0.5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("chi.dat");
    }

    @Test
    void average_framesHalfOpen_takesNoOtherFile() throws IOException {
        write("w/frame_1/atom_0", 0, 10, 0.05, k -> 1);
        write("w/frame_2/atom_0", 0, 10, 0.05, k -> 5);
        ChiFiles files = ChiFiles.find(folder);

        ChiAverage one = files.average(PathCriteria.of(PathCriterion.ANY.frames(NumberRanges.halfOpen(1, 2))), null);
        ChiAverage none = files.average(PathCriteria.of(PathCriterion.ANY.frames(NumberRanges.halfOpen(5, 9))), null);

        assertThat(one.chi()).containsOnly(1);
        assertThat(none.isEmpty()).isTrue();
    }

    @Test
    void average_fallingK_isRefused() throws IOException {
        Path file = folder.resolve("frame_1/atom_0/chi.dat");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "0.10 1\n0.05 1\n");

        assertThatThrownBy(() -> ChiFiles.find(folder).average(PathCriteria.ALL, null))
                .isInstanceOf(MalformedTableException.class)
                .hasMessageContaining("expected k above");
    }

    private void write(String name, double first, int rows, double step, DoubleUnaryOperator chi) throws IOException {
        Path file = folder.resolve(name).resolve("chi.dat");
        Files.createDirectories(file.getParent());
        StringBuilder text = new StringBuilder("# a title\n#       k          chi          mag           phase @#\n");
        for (int i = 0; i < rows; i++) {
            double k = first + step * i;
            text.append(String.format(Locale.ROOT, "%9.4f  %.14E  %.6E  %.6E%n", k, chi.applyAsDouble(k), 0.0, 0.0));
        }
        Files.writeString(file, text);
    }
}
