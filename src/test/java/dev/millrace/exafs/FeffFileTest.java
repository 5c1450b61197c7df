package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FeffFileTest {
    @Test
    void read_realFiles_allWorkAndGiveFiniteChi() throws IOException {
        ExafsReference.assumeHere();
        ChiCalculator calculator = new ChiCalculator(ChiParameters.DEFAULT, KGrid.DEFAULT);
        int files = 0;
        long start = System.nanoTime();
        for (Path file : ExafsReference.realFiles()) {
            FeffPath path = FeffFile.read(file);
            files++;
            assertThat(calculator.calculate(path).chi()).hasSize(401);
            assertThat(path.absorber().potential()).isZero();
        }
        System.out.println(files / 1e-9 / (System.nanoTime() - start));
        assertThat(files).isEqualTo(654);
    }
}
