package dev.millrace.cli;

import dev.millrace.exafs.ChiAverage;
import dev.millrace.exafs.ChiParameters;
import dev.millrace.exafs.NumberTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** How χ(k) is written. */
enum ChiFile {
    /** {@code k,chi,std_error}, 17 digits. */
    CSV,
    /** As MD-EXAFS: comments, then k and χ with six decimals. */
    TEXT,
    /** All that is known of it, as JSON. */
    JSON;

    /** By the ending of a name: {@code .csv}, {@code .json}, else text. */
    static ChiFile of(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return name.endsWith(".csv") ? CSV : name.endsWith(".json") ? JSON : TEXT;
    }

    /** The text of a result, under its own description. */
    String format(ChiAverage average, String selection, @Nullable ChiParameters parameters, boolean fullPrecision)
            throws IOException {
        StringBuilder text = new StringBuilder();
        double[] k = average.grid().toArray();
        switch (this) {
            case CSV ->
                NumberTable.writeCsv(text, List.of("k", "chi", "std_error"), k, average.chi(), average.standardError());
            case TEXT -> {
                text.append("# k(A^-1)  chi(k) - ").append(method(average)).append('\n');
                text.append("# ").append(selection).append('\n');
                if (parameters != null) {
                    text.append("# ").append(parameters.toJson()).append('\n');
                }
                for (int i = 0; i < k.length; i++) {
                    text.append(
                            fullPrecision
                                    ? dev.millrace.exafs.NumberText.exact(k[i]) + " "
                                            + dev.millrace.exafs.NumberText.exact(average.chi()[i])
                                    : String.format(Locale.ROOT, "%.6f %.6f", k[i], average.chi()[i]));
                    text.append('\n');
                }
            }
            case JSON -> {
                Map<String, @Nullable Object> fields = summary(average, selection, parameters);
                fields.put("k", k);
                fields.put("chi", average.chi());
                fields.put("std_error", finite(average.standardError()));
                text.append(JsonMapper.builder()
                                .enable(SerializationFeature.INDENT_OUTPUT)
                                .build()
                                .writeValueAsString(fields))
                        .append('\n');
            }
        }
        return text.toString();
    }

    /** What a result is, without its curves; FEFF's own sums have no parameters of ours. */
    static Map<String, @Nullable Object> summary(
            ChiAverage average, String selection, @Nullable ChiParameters parameters) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("aggregation", average.aggregation().name().toLowerCase(Locale.ROOT));
        fields.put("denominator", average.denominator().name().toLowerCase(Locale.ROOT));
        fields.put("selection", selection);
        fields.put("parameters", parameters == null ? null : JsonMapper.shared().readTree(parameters.toJson()));
        fields.put("paths", average.paths());
        fields.put("atoms", average.atoms());
        fields.put("all_atoms", average.allAtoms());
        fields.put("k_count", average.grid().size());
        return fields;
    }

    /** How it came about, in words. */
    static String method(ChiAverage average) {
        String paths = String.format(Locale.ROOT, "%,d paths", average.paths());
        return switch (average.aggregation()) {
            case SUM_OF_PATHS -> "sum of " + paths;
            case MEAN_OF_PATHS -> "mean of " + paths;
            case MEAN_OF_CHI_FILES -> String.format(Locale.ROOT, "mean of %,d chi.dat of FEFF", average.atoms());
            case MEAN_OVER_ATOMS ->
                "sum within atoms then average across atoms: " + paths
                        + String.format(
                                Locale.ROOT,
                                " of %,d atoms, mean over %,d",
                                average.atoms(),
                                average.denominator() == ChiAverage.Denominator.ALL
                                        ? average.allAtoms()
                                        : average.atoms());
        };
    }

    /** JSON has no NaN. */
    private static List<@Nullable Double> finite(double[] values) {
        List<@Nullable Double> list = new ArrayList<>();
        for (double value : values) {
            list.add(Double.isFinite(value) ? value : null);
        }
        return list;
    }
}
