package dev.millrace.exafs;

import dev.millrace.Internal;
import dev.millrace.batch.DatasetChoices;
import dev.millrace.batch.DatasetKind;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import java.nio.file.Path;

/**
 * {@link ExafsDataset} or {@link ExafsAtomDataset} for who knows the file only. Choices: {@code view}, {@code paths} unless chosen,
 * or {@code graph} or {@code first-shell} of atoms; {@code kweight}, the n of kⁿ χ(k), {@code 0}; {@code float64}, {@code false};
 * {@code cutoff} of graphs in Å, {@code 4}.
 */
@Internal
public final class ExafsKind implements DatasetKind {
    private enum View {
        PATHS,
        GRAPH,
        FIRST_SHELL
    }

    @Override
    public String kind() {
        return ExafsSchema.KIND;
    }

    @Override
    public SqliteDataset<?> open(Path file, Split split, DatasetChoices choices) {
        View view = choices.value("view", "paths, graph or first-shell", View.PATHS, ExafsKind::view);
        int weight = choices.value(
                "kweight",
                "a number 0.." + ExafsStatistics.LARGEST_WEIGHT,
                0,
                text -> ExafsDataset.Builder.checkedWeight(Integer.parseInt(text)));
        boolean wide = choices.flag("float64", false);
        ExafsAtomDataset.Builder atoms = ExafsAtomDataset.builder();
        choices.value("cutoff", "a length in Å from 0", atoms, text -> atoms.optCutoff(Double.parseDouble(text)));
        choices.check();
        if (view == View.PATHS) {
            return ExafsDataset.builder()
                    .setDatabase(file)
                    .optSplit(split)
                    .optKWeight(weight)
                    .optFloat64(wide)
                    .setSampling(1, false)
                    .build();
        }
        return atoms.setDatabase(file)
                .optSplit(split)
                .optView(view == View.GRAPH ? ExafsAtomDataset.View.GRAPH : ExafsAtomDataset.View.FIRST_SHELL)
                .optKWeight(weight)
                .optFloat64(wide)
                .setSampling(1, false)
                .build();
    }

    private static View view(String text) {
        return switch (text) {
            case "paths" -> View.PATHS;
            case "graph" -> View.GRAPH;
            case "first-shell" -> View.FIRST_SHELL;
            default -> throw new IllegalArgumentException(text);
        };
    }
}
