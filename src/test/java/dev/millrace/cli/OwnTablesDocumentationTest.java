package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.NoopTranslator;
import dev.millrace.batch.CategoryCodes;
import dev.millrace.batch.QueryDataset;
import dev.millrace.batch.QuerySlot;
import dev.millrace.model.ModelFolder;
import dev.millrace.model.TableInput;
import dev.millrace.model.TableModel;
import dev.millrace.model.TableModelConfig;
import dev.millrace.tensor.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of docs/own-tables.md, which is to say what the command says. */
final class OwnTablesDocumentationTest {
    @TempDir
    private Path folder;

    @Test
    void javaExample_ofATrainedModel_predictsWhatTheCommandDoes() throws Exception {
        Path database = folder.resolve("own.db");
        Path run = folder.resolve("run");
        Path out = folder.resolve("p.csv");
        assertThat(Shell.millrace("sample", "table", "--houses", 100, "--digits", 1, "--out", database)
                        .code())
                .isZero();
        Shell trained = Shell.millrace(
                "train",
                "configs/own-tabular.yaml",
                "--no-baselines",
                "--max-steps",
                3,
                "--out",
                run,
                "--set",
                "table.database='" + database + "'",
                "--set",
                "metrics.enabled=false");
        assertThat(trained.code()).as(trained.error()).isZero();
        assertThat(Shell.millrace("predict", "--model", run, "--out", out).code())
                .isZero();

        float[] prices;
        // @start region="own-tables"
        Criteria<NDList, NDList> criteria = Criteria.builder()
                .setTypes(NDList.class, NDList.class)
                .optModelPath(run.resolve("best"))
                .optModelName("table")
                .optArgument("blockFactory", new ModelFolder())
                .optEngine("PyTorch")
                .optTranslator(new NoopTranslator())
                .build();
        try (ZooModel<NDList, NDList> model = criteria.loadModel();
                Predictor<NDList, NDList> predictor = model.newPredictor()) {
            TableModelConfig config = ((TableModel) model.getBlock()).config();
            TableInput.Categories kinds =
                    (TableInput.Categories) config.inputs().get(2);
            try (QueryDataset rows = QueryDataset.builder()
                            .setDatabase(database)
                            .setIds("SELECT id FROM house WHERE split = 'val' ORDER BY id")
                            .setRows(
                                    "SELECT position, area, rooms, built, centre_km, garden, heating, name FROM batch_ids"
                                            + " JOIN house USING (id) JOIN district ON district.id = district_id")
                            .addData(QuerySlot.numbers("numbers", DType.FLOAT32, "area", "rooms", "built", "centre_km"))
                            .addData(QuerySlot.numbers("garden", DType.FLOAT32, "garden")
                                    .filledWith(0))
                            .addData(CategoryCodes.input("kinds", List.of("heating", "name"), kinds.values()))
                            .setSampling(64, false)
                            .build();
                    NDManager manager = NDManager.newBaseManager();
                    Batch batch = rows.getData(manager).iterator().next()) {
                prices = predictor.predict(batch.getData()).head().toFloatArray();
            }
        }
        // @end

        List<String> lines = Files.readAllLines(out);
        assertThat(lines).hasSize(1 + prices.length);
        for (int i = 0; i < prices.length; i++) {
            assertThat(prices[i]).isCloseTo(Float.parseFloat(lines.get(i + 1).split(",", -1)[1]), offset(1e-3f));
        }
    }
}
