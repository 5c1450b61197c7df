package dev.millrace.cli;

import dev.millrace.model.PropertyModelConfig.Target;
import dev.millrace.spectra.MspWriter;
import dev.millrace.spectra.SpectrumOptions;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** How predictions are written: decided by what the model predicts and by the name of the file. Immutable. */
sealed interface PredictionFormat {
    /** Takes the predictions one by one; who opens it closes it. */
    interface Sink extends Closeable {
        void write(MoleculeQuery query, float[] prediction) throws IOException;
    }

    Sink open(Path file) throws IOException;

    /** So many predictions in words. */
    String what(int count);

    /**
     * The format for a model and a file.
     *
     * @throws UsageException if such a file cannot hold what the model predicts
     */
    static PredictionFormat of(ModelFile model, Path modelFolder, Path file, int topN, double threshold) {
        String name = String.valueOf(file.getFileName());
        String kind =
                name.contains(".") ? name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT) : "";
        boolean table = kind.equals("csv") || kind.equals("tsv") || kind.equals("json");
        ModelFile.Output output = model.output();
        if (output instanceof ModelFile.Spectrum spectrum) {
            if (table) {
                throw new UsageException(
                        "--out: expected the name of an MSP file, such as P.msp, for a model that predicts"
                                + " spectra, found " + file + " (" + modelFolder + ").");
            }
            return new Msp(spectrum.toOptions(), topN, threshold);
        }
        if (output instanceof ModelFile.Properties properties) {
            if (!table) {
                throw new UsageException("--out: expected a name that ends with .csv, .tsv or .json for a model that"
                        + " predicts " + String.join(", ", names(properties.targets())) + ", found " + file + " ("
                        + modelFolder + ").");
            }
            List<String> columns = names(properties.targets());
            return kind.equals("json") ? new Json(columns) : new Delimited(columns, kind.equals("csv") ? ',' : '\t');
        }
        throw new UsageException("--model: expected a model that predicts something, found an encoder alone ("
                + modelFolder + "). Name the folder of its run, or fine-tune it.");
    }

    private static List<String> names(List<Target> targets) {
        return targets.stream().map(Target::name).toList();
    }

    /** Peaks of spectra. */
    record Msp(SpectrumOptions options, int topN, double threshold) implements PredictionFormat {
        @Override
        public Sink open(Path file) throws IOException {
            MspWriter writer = MspWriter.open(file);
            return new Sink() {
                @Override
                public void write(MoleculeQuery query, float[] spectrum) throws IOException {
                    writer.write(
                            query.name(),
                            query.smiles(),
                            null,
                            "Predicted by millrace, not measured",
                            MspWriter.strongest(spectrum, options, topN, threshold));
                }

                @Override
                public void close() throws IOException {
                    writer.close();
                }
            };
        }

        @Override
        public String what(int count) {
            return count + " predicted spectra";
        }
    }

    /** A line per molecule: name, SMILES, then a column per target in eV. */
    record Delimited(List<String> columns, char separator) implements PredictionFormat {
        @Override
        public Sink open(Path file) throws IOException {
            Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
            List<String> head = new ArrayList<>(List.of("name", "smiles"));
            columns.forEach(column -> head.add(column + "_ev"));
            writer.write(line(head));
            return new Sink() {
                @Override
                public void write(MoleculeQuery query, float[] values) throws IOException {
                    List<String> cells = new ArrayList<>();
                    cells.add(query.name());
                    cells.add(query.smiles() == null ? "" : query.smiles());
                    for (float value : values) {
                        cells.add(Float.toString(value));
                    }
                    writer.write(line(cells));
                }

                @Override
                public void close() throws IOException {
                    writer.close();
                }
            };
        }

        private String line(List<String> cells) {
            return cells.stream().map(this::cell).collect(Collectors.joining(String.valueOf(separator))) + "\n";
        }

        /** Quoted as RFC 4180 says for CSV; TSV has no quotes, and a tab in a name becomes a space. */
        private String cell(String text) {
            if (separator == '\t') {
                return text.replaceAll("[\\t\\r\\n]", " ");
            }
            return text.matches("[^\",\\r\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
        }

        @Override
        public String what(int count) {
            return count + " predictions in eV";
        }
    }

    /** One list of objects. */
    record Json(List<String> columns) implements PredictionFormat {
        @Override
        public Sink open(Path file) {
            List<Map<String, @Nullable Object>> rows = new ArrayList<>();
            return new Sink() {
                @Override
                public void write(MoleculeQuery query, float[] values) {
                    Map<String, @Nullable Object> row = new LinkedHashMap<>();
                    row.put("name", query.name());
                    row.put("smiles", query.smiles());
                    for (int i = 0; i < values.length; i++) {
                        row.put(columns.get(i) + "_ev", values[i]);
                    }
                    rows.add(row);
                }

                @Override
                public void close() throws IOException {
                    String text = JsonMapper.builder()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .build()
                            .writeValueAsString(rows);
                    Files.writeString(file, text + "\n", StandardCharsets.UTF_8);
                }
            };
        }

        @Override
        public String what(int count) {
            return count + " predictions in eV";
        }
    }
}
