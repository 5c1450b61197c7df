package dev.millrace.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.engine.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceChoiceTest {
    @ParameterizedTest
    @CsvSource({"auto,AUTO,0,auto", "cpu,CPU,0,cpu", "gpu,GPU,0,gpu:0", "gpu:0,GPU,0,gpu:0", "gpu:12,GPU,12,gpu:12"})
    void parse_whatPeopleWrite_isReadAndWrittenAgain(String text, DeviceChoice.Kind kind, int number, String written) {
        DeviceChoice choice = DeviceChoice.parse(text);
        assertThat(choice).isEqualTo(new DeviceChoice(kind, number)).hasToString(written);
        assertThat(DeviceChoice.parse(choice.toString())).isEqualTo(choice);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GPU", "cuda", "gpu:", "gpu:-1", "gpu:1234", "gpu 1", "cpu:0"})
    void parse_anythingElse_isRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeviceChoice.parse(text))
                .withMessage("Expected a device auto, cpu, gpu or gpu:N, found '" + text + "'.");
    }

    @Test
    void resolve_autoAndCpu_areThere() {
        assertThat(DeviceChoice.parse("cpu").resolve()).isEqualTo(Device.cpu());
        boolean gpu = Engine.getInstance().getGpuCount() > 0;
        assertThat(DeviceChoice.parse("auto").resolve()).isEqualTo(gpu ? Device.gpu(0) : Device.cpu());
    }

    @Test
    void resolve_gpuThatIsNotThere_saysWhatWasFoundAndWhatIsNeeded() {
        assumeTrue(Engine.getInstance().getGpuCount() == 0, "this machine has a GPU");
        assertThatThrownBy(() -> DeviceChoice.parse("gpu:3").resolve())
                .isInstanceOf(DeviceUnavailableException.class)
                .hasMessageContaining("Cannot compute on gpu:3")
                .hasMessageContaining("PyTorch 2.7.1 for the CPU only")
                .hasMessageContaining("PYTORCH_LIBRARY_PATH")
                .hasMessageContaining("docs/gpu.md");
    }
}
