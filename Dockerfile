# Two images. For a JupyterHub, whose users open the students' repository with nbgitpuller: made of that
# repository (cs231n-vis release --student ../for-students), so that no answer is in it.
#     docker build --target hub -t cs231n-vis-hub -f Dockerfile ../for-students
# For grading, with the walls for students' code; a container must be let make user namespaces for them:
#     docker build --target grader -t cs231n-vis-grader .
#     docker run --rm --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
#         -v "$PWD/submissions:/submissions:ro" -v "$PWD/graded:/graded" \
#         cs231n-vis-grader /submissions --assignment 01_saliency_maps --out /graded
FROM python:3.12-slim-bookworm AS course
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/course
COPY requirements.lock ./
RUN python -m pip install --require-hashes -r requirements.lock
COPY . ./
RUN python -m pip install --no-deps --no-build-isolation . && cs231n-vis fetch

# What a hub starts for each user; its jupyterhub must have the version of the hub's own.
FROM course AS hub
ARG JUPYTERHUB=6.1.1
RUN apt-get update && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && python -m pip install "jupyterhub==${JUPYTERHUB}" "nbgitpuller==1.3.0" \
    && rm -rf /srv/course \
    && useradd --create-home --uid 1000 student
USER student
WORKDIR /home/student
EXPOSE 8888
CMD ["jupyterhub-singleuser", "--ip=0.0.0.0"]

FROM course AS grader
RUN apt-get update && apt-get install --yes --no-install-recommends bubblewrap \
    && rm -rf /var/lib/apt/lists/*
ENTRYPOINT ["cs231n-vis", "grade"]
