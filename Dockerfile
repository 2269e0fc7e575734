# modelctl with the LiteLLM that it is tested with: the control plane (what it runs without arguments), `modelctl up`, and
# the hook for another LiteLLM image (the folder /hook, on its PYTHONPATH).
#
#   docker build -t modelctl .
#   docker run -p 7777:7777 -e MODELCTL_TOKEN=ana:a-long-secret -v ./catalog:/project/catalog:ro -v modelctl:/state modelctl

FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src src
COPY catalog catalog
COPY templates templates
RUN python -m venv /opt/modelctl \
 && /opt/modelctl/bin/pip install --no-cache-dir -c constraints.txt . \
 && /opt/modelctl/bin/pip install --no-cache-dir -c constraints.txt --no-deps --target /hook . ddsketch six

FROM python:3.12-slim
RUN groupadd --gid 10001 modelctl \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp modelctl \
 && install --directory --owner 10001 --group 10001 --mode 0700 /state
COPY --from=build /opt/modelctl /opt/modelctl
COPY --from=build /hook /hook
COPY catalog /project/catalog
COPY litellm_config.yaml /project/litellm_config.yaml
ENV PATH=/opt/modelctl/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    MODELCTL_CATALOG=/project/catalog \
    MODELCTL_STATE=/state \
    LITELLM_LOCAL_MODEL_COST_MAP=True
WORKDIR /project
USER 10001:10001
VOLUME /state
EXPOSE 7777 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:7777/healthz', timeout=4)"]
ENTRYPOINT ["modelctl"]
CMD ["serve", "--host", "0.0.0.0"]
